import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The directories of one run. */
export interface Workspace {
  readonly checkout: string;
  /** The commands' `TMPDIR`. */
  readonly temporary: string;
  /** Directory for the runner's files. */
  readonly private: string;
  /** Removes the files of the run. A given directory stays. */
  remove(): Promise<void>;
}

/**
 * @param given the value of `BERTH_WORK_DIR`. If absent, a new directory is created.
 */
export async function openWorkspace(given: string | undefined): Promise<Workspace> {
  const root = given === undefined || given === '' ? await mkdtemp(join(tmpdir(), 'berth-')) : resolve(given);
  const workspace = {
    checkout: join(root, 'checkout'),
    temporary: join(root, 'tmp'),
    private: join(root, 'runner'),
  };
  await mkdir(workspace.temporary, { recursive: true });
  await mkdir(workspace.private, { recursive: true, mode: 0o700 });
  return {
    ...workspace,
    remove: () => rm(given ? workspace.private : root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
