import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Environment } from './cli-context.ts';

/** How many reports are kept of runs with `--local`, whose server is gone when they end. */
const keptReports = 20;

/** The folder for reports. */
export function reportDirectory(env: Environment): string {
  return path.join(cacheFolder(env), 'reports');
}

/** The folder for what runs with `--local` leave behind (XDG Base Directory Specification; `LOCALAPPDATA` on Windows). */
export function cacheFolder(env: Environment): string {
  const cache = [env.XDG_CACHE_HOME, env.LOCALAPPDATA].find(
    (directory) => directory !== undefined && path.isAbsolute(directory),
  );
  return path.join(cache ?? path.join(env.HOME ?? homedir(), '.cache'), 'berth');
}

/**
 * Saves a report for later, and deletes the oldest.
 *
 * @param id of the run.
 * @returns the path of the file.
 */
export async function keepReport(directory: string, id: string, report: Uint8Array): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, `${id}.html`);
  await writeFile(file, report);
  const kept = await Promise.all(
    (await readdir(directory))
      .filter((name) => name.endsWith('.html') && name !== `${id}.html`)
      .map(async (name) => ({ name, writtenAt: await writtenAt(path.join(directory, name)) })),
  );
  const old = kept.sort((a, b) => b.writtenAt - a.writtenAt).slice(keptReports - 1);
  await Promise.all(old.map(({ name }) => rm(path.join(directory, name), { force: true })));
  return file;
}

/** @returns 0 for a report that another run deleted in the meantime. */
async function writtenAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
