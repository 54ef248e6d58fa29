import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The directories of one run. */
export interface Workspace {
  readonly checkout: string;
  /** The file `BERTH_OUTPUT`, which the commands write their outputs to. */
  readonly output: string;
  /** The commands' `TMPDIR`. */
  readonly temporary: string;
  /** Directory for the runner's files. */
  readonly private: string;
  /** Removes the files of the run. A given directory stays. */
  remove(): Promise<void>;
}

/** @param given the value of `BERTH_WORK_DIR`. If omitted, a new directory is created. */
export async function openWorkspace(given: string | undefined): Promise<Workspace> {
  const root = given === undefined || given === '' ? await mkdtemp(join(tmpdir(), 'berth-')) : resolve(given);
  const workspace = {
    checkout: join(root, 'checkout'),
    output: join(root, 'output'),
    temporary: join(root, 'tmp'),
    private: join(root, 'runner'),
  };
  await mkdir(workspace.temporary, { recursive: true });
  // There from the start, so that a command can append to it. One of an earlier job is not this job's.
  await rm(workspace.output, { recursive: true, force: true });
  await writeFile(workspace.output, '');
  await mkdir(workspace.private, { recursive: true, mode: 0o700 });
  return {
    ...workspace,
    remove: () => rm(given ? workspace.private : root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
