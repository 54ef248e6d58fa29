import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The directories of one run. */
export interface Workspace {
  readonly checkout: string;
  /** The commands' `TMPDIR`. */
  readonly temporary: string;
  /** The runner's own. */
  readonly private: string;
  /** Removes what the run made; a directory that was given stays, and belongs to whoever gave it. */
  remove(): Promise<void>;
}

/**
 * @param given from `BERTH_WORK_DIR`; a new directory is made where it is absent.
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
