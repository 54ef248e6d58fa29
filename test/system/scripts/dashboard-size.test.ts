import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

/** Built by `npm ci`, and by `npm run build`. */
const directory = 'dist/dashboard';

describe('the dashboard, as it is built', () => {
  it('needs less than 100 kB, gzipped, for its first view: the page and every file next to it', async () => {
    // The API reference is loaded by its own page only.
    const names = (await readdir(directory)).filter((name) => !name.startsWith('docs'));
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(join(directory, name))).length),
    );
    expect(names.map((name) => name.replace(/-[A-Z0-9]{8}/, '')).sort()).toEqual([
      'berth.js',
      'icon.svg',
      'index.html',
      'style.css',
    ]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });

  it('loads the renderer of the API reference only when an operation is opened', async () => {
    const page = await readFile(join(directory, 'docs.html'), 'utf8');
    const script = /docs-[A-Z0-9]{8}\.js/.exec(page)?.[0] ?? 'missing';
    expect((await readFile(join(directory, script))).length).toBeLessThan(10_000);
  });
});
