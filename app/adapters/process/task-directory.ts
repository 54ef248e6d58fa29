import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, readIfExists } from '../files/read-if-exists.ts';
import { removeTree } from '../files/remove-tree.ts';
import { createAtomically } from '../files/write-atomically.ts';

/** The record that a supervisor wrote about itself: see `supervisor.ts`. */
export interface Claim {
  readonly pid: number;
  readonly writtenBirth: string;
  readonly bootId: string;
  readonly at: Date;
}

/**
 * The state of one task of the process executor, as files:
 *
 * | path            | written by | says                                             |
 * |-----------------|------------|--------------------------------------------------|
 * | `created`       | executor   | when the task was requested                       |
 * | `claim`, `exit` | supervisor | that it runs, and how it ended                    |
 * | `stop.json`     | executor   | that it is to end                                 |
 * | `keep`          | a person   | that it is not to be stopped as an orphan         |
 * | `home`, `tmp`, `work` | the task | its HOME, TMPDIR and BERTH_WORK_DIR           |
 * | `stage`         | the task   | where an isolated task mounts what it may see    |
 */
export interface TaskDirectory {
  readonly path: string;
  readonly home: string;
  readonly tmp: string;
  readonly work: string;
  exists(): Promise<boolean>;
  /** Creates missing files. Idempotent. */
  prepare(now: Date): Promise<void>;
  createdAt(): Promise<Date | undefined>;
  claim(): Promise<Claim | undefined>;
  exit(): Promise<{ readonly code: number; readonly at: Date } | undefined>;
  remove(): Promise<void>;
}

const removedPrefix = '.removed-';

/** Ends a removal that a crash interrupted. */
export async function removeRemains(tasksDir: string, name: string): Promise<void> {
  if (name.startsWith(removedPrefix)) await removeTree(join(tasksDir, name));
}

export function taskDirectory(tasksDir: string, name: string): TaskDirectory {
  const path = join(tasksDir, name);
  const inside = (file: string) => join(path, file);
  // Renamed first: a crash during the removal must not leave a task that looks new.
  const removed = join(tasksDir, `${removedPrefix}${name}`);
  return {
    path,
    home: inside('home'),
    tmp: inside('tmp'),
    work: inside('work'),

    async exists() {
      return (await stat(path).catch(absent)) !== undefined;
    },

    async prepare(now) {
      for (const directory of ['home', 'tmp', 'work', 'stage']) {
        await mkdir(inside(directory), { recursive: true, mode: 0o700 });
      }
      await createAtomically(inside('created'), `${now.toISOString()}\n`);
    },

    async createdAt() {
      const text = await readIfExists(inside('created'));
      return text === undefined ? undefined : new Date(text.trim());
    },

    async claim() {
      const found = await readDated(inside('claim'));
      if (found === undefined) return undefined;
      const [pid, writtenBirth = '', bootId = ''] = found.text.split('\n');
      return { pid: Number(pid), writtenBirth, bootId, at: found.at };
    },

    async exit() {
      const found = await readDated(inside('exit'));
      // Without its line feed it is being written just now.
      return found?.text.endsWith('\n') ? { code: Number(found.text), at: found.at } : undefined;
    },

    async remove() {
      await rename(path, removed).catch(absent);
      await removeTree(removed);
    },
  };
}

/** Reads one opened file: a task may be removed between two reads of its path. */
async function readDated(path: string): Promise<{ text: string; at: Date } | undefined> {
  const file = await open(path).catch(absent);
  if (file === undefined) return undefined;
  try {
    return { text: await file.readFile('utf8'), at: (await file.stat()).mtime };
  } finally {
    await file.close();
  }
}
