import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../files/read-if-exists.ts';
import { createAtomically } from '../files/write-atomically.ts';

const gateIn = (directory: string): string => join(directory, 'go');

/**
 * Creates the directory of a task. The user of any image can read it, because the container waits for its gate, the
 * file `go`. The parent directory keeps other users of the machine out.
 */
export async function makeTaskDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o755);
}

/** Whether the runner of a task may begin. */
export async function isGateOpen(directory: string): Promise<boolean> {
  return (await stat(gateIn(directory)).catch(absent)) !== undefined;
}

/** Lets the runner of a task begin. */
export async function openGate(directory: string): Promise<void> {
  await createAtomically(gateIn(directory), '');
}
