import { statfs } from 'node:fs/promises';
import type { Job, JobResult } from '../../../app/core/model/job.ts';
import { RunnerError } from '../runner-error.ts';
import type { CgroupReading } from './cgroup.ts';

export interface FailedCommand {
  readonly exitCode: number | null;
  readonly signal?: string;
  readonly before: CgroupReading;
  readonly after: CgroupReading;
  readonly limits: Job['limits'];
  /** Directories that the command can write to. */
  readonly directories: readonly string[];
  /** The last lines of the log. */
  readonly lastLines: readonly string[];
}

const killedCode = 128 + 9;
/** A disk with less free space is full. */
const fullBytes = 1024 * 1024;
const nearlyFullShare = 0.02;
const noSpaceWords = /No space left on device|ENOSPC|Disk quota exceeded/;

/**
 * Finds the limit that a failed command has exceeded, because "exit code 137" does not say that the memory was too small.
 *
 * @returns undefined if no limit ended the command
 */
export async function exceededLimit(failed: FailedCommand): Promise<RunnerError | undefined> {
  return outOfMemory(failed) ?? (await diskFull(failed)) ?? processLimit(failed);
}

/** @returns a warning for each limit that a command reached without failing */
export function survivedLimits(before: CgroupReading, after: CgroupReading): JobResult['warnings'] {
  const isOwnGroup = after.memoryLimitMib !== undefined;
  return [
    ...(isOwnGroup && after.oomKills > before.oomKills
      ? [
          {
            code: 'out_of_memory',
            message: `The kernel killed a process because ${after.memoryLimitMib} MiB of memory were used up.`,
          },
        ]
      : []),
    ...(after.refusedProcesses > before.refusedProcesses
      ? [
          {
            code: 'process_limit',
            message: 'Some processes could not start because the limit on processes was reached.',
          },
        ]
      : []),
  ];
}

function outOfMemory({ exitCode, signal, before, after, limits }: FailedCommand): RunnerError | undefined {
  const wasKilled = signal === 'SIGKILL' || exitCode === killedCode;
  // A group without its own limit may be shared, and the killed process may have belonged to another task.
  const isOurs = wasKilled || after.memoryLimitMib !== undefined;
  if (after.oomKills <= before.oomKills || !isOurs) return undefined;
  const limitMib = limits.memoryMib ?? after.memoryLimitMib;
  const limit = limitMib === undefined ? '' : `: ${limitMib} MiB`;
  return new RunnerError(
    'out_of_memory',
    `The command ran out of memory${limit}. Give the suite more memory, or run fewer tests in parallel.`,
  );
}

/** Whether the output says that no space was left. */
export function saysNoSpace(lastLines: readonly string[]): boolean {
  return lastLines.some((line) => noSpaceWords.test(line));
}

async function diskFull({ directories, lastLines }: FailedCommand): Promise<RunnerError | undefined> {
  const saysSo = saysNoSpace(lastLines);
  for (const directory of directories) {
    const disk = await statfs(directory).catch(() => undefined);
    if (disk === undefined || disk.blocks === 0) continue;
    const freeBytes = disk.bavail * disk.bsize;
    const isFull = freeBytes < fullBytes || (disk.files > 0 && disk.ffree === 0);
    if (!isFull && !(saysSo && disk.bavail / disk.blocks < nearlyFullShare)) continue;
    const size = Math.round((disk.blocks * disk.bsize) / fullBytes);
    return new RunnerError(
      'disk_full',
      `The disk is full: ${directory} has ${size} MiB. Give the task more disk.`,
    );
  }
  return undefined;
}

function processLimit({ before, after }: FailedCommand): RunnerError | undefined {
  if (after.refusedProcesses <= before.refusedProcesses) return undefined;
  return new RunnerError(
    'process_limit',
    'The command reached the limit on processes. Run fewer tests in parallel, or raise the limit.',
  );
}
