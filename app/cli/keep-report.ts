import { constants } from 'node:fs';
import { access, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { CliContext, Environment } from './cli-context.ts';
import { usageError } from './cli-error.ts';
import { visible } from './visible-text.ts';

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
export async function keepReport(
  { makeDirectory }: Pick<CliContext, 'makeDirectory'>,
  directory: string,
  id: string,
  report: Uint8Array,
): Promise<string> {
  await makeDirectory(directory);
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

/**
 * Checks that a report can be written, before its tests run.
 *
 * @param file an absolute path.
 * @throws CliError `usage` if its directory is missing or read-only, or if it is a directory itself.
 */
export async function checkReportFile(file: string): Promise<void> {
  const folder = path.dirname(file);
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  const isDirectory = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isDirectory) throw usageError(`--report: ${visible(file)} is a directory.`, 'Add a file name.');
  if (!isWritable)
    throw usageError(
      `--report: ${visible(folder)} is not a directory that this user can write to.`,
      'Create it, or choose another directory.',
    );
}

/** @returns 0 for a report that another run deleted in the meantime. */
async function writtenAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
