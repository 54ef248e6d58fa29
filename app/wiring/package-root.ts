import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Finds the folder of Berth's own package, from a source file as well as from a bundle in `dist`.
 *
 * @param moduleUrl `import.meta.url` of the caller.
 * @returns an absolute path.
 */
export function packageRoot(moduleUrl: string): string {
  let folder = fileURLToPath(new URL('.', moduleUrl));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = join(folder, '..');
    if (parent === folder) throw new Error(`No package.json above ${fileURLToPath(moduleUrl)}`);
    folder = parent;
  }
  return folder;
}

/** Reads Berth's version from its `package.json`. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(import.meta.url), 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
