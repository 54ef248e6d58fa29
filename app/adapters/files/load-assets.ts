import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './read-if-exists.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Loads the files of a directory, which are few and small. Empty if the directory does not exist. */
export async function loadAssets(directory: string) {
  const names = (await readdir(directory).catch(absent)) ?? [];
  const entries = names.flatMap((name) => {
    const contentType = types[name.slice(name.lastIndexOf('.') + 1)];
    return contentType === undefined ? [] : [{ name, contentType }];
  });
  const assets = entries.map(async ({ name, contentType }) => {
    const body = new Uint8Array(await readFile(join(directory, name)));
    return [name, { body, contentType }] as const;
  });
  return new Map(await Promise.all(assets));
}
