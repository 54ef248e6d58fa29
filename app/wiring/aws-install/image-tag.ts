import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { hasCode } from '../../adapters/files/read-if-exists.ts';
import type { Installation } from './installation.ts';

/** The sources of the runner's image in a clone: its folder, the code that its program shares, and the packages. */
const sources = ['runner-image', 'app/core/model', 'app/lib', 'package-lock.json'];
const isBuiltOrText = /(^|\/)(dist|node_modules)\/|\.md$/;

/** The architecture of the tasks, as images name it. */
export function architectureOf({ variables }: Pick<Installation, 'variables'>): 'amd64' | 'arm64' {
  return variables.architecture === 'arm64' ? 'arm64' : 'amd64';
}

/** @returns whether the tag belongs to an image for the tasks of this installation. Tags of older versions name no architecture. */
export function hasArchitecture(tag: string, installation: Installation): boolean {
  const named = /-(amd64|arm64)-/.exec(tag)?.[1];
  return named === undefined || named === architectureOf(installation);
}

/**
 * Names the runner's image of a clone: by the version, and by a hash of the sources, so that each change of the image has
 * its own tag. Tags are immutable.
 */
export async function runnerImageTag(
  root: string,
  version: string,
  { refresh = '', variables }: Pick<Installation, 'refresh' | 'variables'>,
): Promise<string> {
  const files = (await Promise.all(sources.map((source) => filesIn(join(root, source))))).flat();
  const named = files.map((file) => [relative(root, file).split(sep).join('/'), file] as const);
  const hash = createHash('sha256').update(refresh);
  for (const [name, file] of named.sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (!isBuiltOrText.test(name)) hash.update(`\n${name} `).update(await readFile(file));
  }
  return `v${version}-${architectureOf({ variables })}-${hash.digest('hex').slice(0, 12)}`;
}

async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return [path];
    // A package has no sources.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
