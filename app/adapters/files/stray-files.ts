import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunId, runId } from '../../core/model/ids.ts';
import { absent } from './read-if-exists.ts';
import { runFiles } from './run-files.ts';

const daySeconds = 24 * 3600;

/**
 * Deletes unused files: uploaded sources and payloads of events that are older than every stored run, the files of
 * deleted runs, and partial files of aborted uploads.
 *
 * @param before files written since then are kept; partial files are kept for a day.
 * @param caches.before archives of caches that were written since then are kept.
 * @returns how many files and directories of runs were deleted.
 */
export async function removeStrayFiles(
  dataDir: string,
  before: Date,
  caches: { readonly directory: string; readonly before: Date },
  isRun: (id: RunId) => Promise<boolean>,
): Promise<number> {
  const objects = join(dataDir, 'objects');
  let removed = 0;
  const uploads = join(objects, 'sources', 'uploads');
  for (const project of await namesIn(uploads)) {
    for (const name of await namesIn(join(uploads, project))) {
      const path = join(uploads, project, name);
      if (!(await isOlder(path, before))) continue;
      await rm(path, { force: true });
      removed += 1;
    }
  }
  removed += await removeOldFiles(join(objects, 'deliveries'), before);
  removed += await removeOldFiles(caches.directory, caches.before);
  const runs = join(objects, 'runs');
  for (const name of await namesIn(runs)) {
    const path = join(runs, name);
    removed += await removeDrafts(path);
    if (!(await isOlder(path, before)) || (await isRun(runId(name)))) continue;
    await runFiles(dataDir).remove(runId(name));
    removed += 1;
  }
  return removed;
}

/** Deletes the files of a directory and its directories that are older. */
async function removeOldFiles(directory: string, before: Date): Promise<number> {
  let removed = 0;
  for (const entry of (await readdir(directory, { withFileTypes: true }).catch(absent)) ?? []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) removed += await removeOldFiles(path, before);
    else if (await isOlder(path, before)) {
      await rm(path, { force: true });
      removed += 1;
    }
  }
  return removed;
}

async function removeDrafts(directory: string): Promise<number> {
  const dayAgo = new Date(Date.now() - daySeconds * 1000);
  let removed = 0;
  for (const name of await namesIn(directory)) {
    if (!name.startsWith('.draft-') || !(await isOlder(join(directory, name), dayAgo))) continue;
    await rm(join(directory, name), { force: true });
    removed += 1;
  }
  return removed;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory).catch(absent);
  return entries ?? [];
}

async function isOlder(path: string, before: Date): Promise<boolean> {
  const found = await stat(path).catch(absent);
  return found !== undefined && found.mtime < before;
}
