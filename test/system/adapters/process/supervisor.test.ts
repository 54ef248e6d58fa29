import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startSupervisor } from '../../../../app/adapters/process/supervisor.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const onLinux = process.platform === 'linux' ? it : it.skip; // prlimit exists only there.

/** Lowers the limit of open files of this process, until the returned function is called. */
async function limitFiles(most: number): Promise<() => Promise<void>> {
  const script = `old=$(prlimit --pid "$1" --nofile --output SOFT --noheadings | tr -d ' ')
prlimit --pid "$1" --nofile="$2:" && echo limited && read -r line && prlimit --pid "$1" --nofile="$old:"`;
  const child = spawn('sh', ['-c', script, 'sh', String(process.pid), String(most)]);
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end('\n');
    await once(child, 'exit');
  };
}

onLinux('names too many open files as the reason why a task cannot start, which passes', async () => {
  const directory = await temporaryDirectory();
  const restore = await limitFiles(1000);
  const files: number[] = [];
  try {
    for (;;) files.push(openSync('/dev/null', 'r'));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EMFILE' });
  }
  try {
    // One for the log of the task, and not enough for the pipes of its process.
    for (const file of files.splice(0, 2)) closeSync(file);
    const task = { directory: directory.path, workDirectory: directory.path, command: ['true'], env: {} };
    const started = startSupervisor({ ...task, logPath: join(directory.path, 'log') });
    await expect(started).rejects.toMatchObject({ code: 'EMFILE' });
  } finally {
    for (const file of files) closeSync(file);
    await restore();
    await directory.remove();
  }
});
