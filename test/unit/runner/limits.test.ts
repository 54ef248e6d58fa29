import { describe, expect, it } from '@jest/globals';
import {
  exceededLimit,
  type FailedCommand,
  survivedLimits,
} from '../../../runner-image/src/limits/exceeded-limit.ts';

const quiet = { oomKills: 0, refusedProcesses: 0 };

function failed(parts: Partial<FailedCommand>): FailedCommand {
  return {
    exitCode: 1,
    before: quiet,
    after: quiet,
    limits: { timeoutSeconds: 60, killGraceSeconds: 10 },
    directories: [],
    lastLines: [],
    ...parts,
  };
}

describe('the reason behind a failed command', () => {
  it('is memory, with the limit, if the kernel killed a process for it', async () => {
    const limits = { timeoutSeconds: 60, killGraceSeconds: 10, memoryMib: 512 };
    const error = await exceededLimit(failed({ exitCode: 137, after: { ...quiet, oomKills: 1 }, limits }));
    expect(error?.code).toBe('out_of_memory');
    expect(error?.message).toContain('ran out of memory: 512 MiB');
  });

  it('is memory if the kernel killed a process of the tests and the suite exited', async () => {
    const error = await exceededLimit(failed({ after: { ...quiet, oomKills: 1, memoryLimitMib: 256 } }));
    expect(error?.message).toContain('ran out of memory: 256 MiB');
  });

  it('is not memory if the kernel killed a process of another container', async () => {
    expect(await exceededLimit(failed({ after: { ...quiet, oomKills: 1 } }))).toBeUndefined();
  });

  it('is not memory if the command was killed for another reason', async () => {
    const before = { ...quiet, oomKills: 4 };
    expect(await exceededLimit(failed({ exitCode: 137, before, after: before }))).toBeUndefined();
  });

  it('is the process limit if the kernel refused some', async () => {
    const error = await exceededLimit(failed({ after: { ...quiet, refusedProcesses: 3 } }));
    expect(error?.code).toBe('process_limit');
  });

  it('is a warning if the command succeeded anyway', () => {
    const after = { oomKills: 1, refusedProcesses: 1, memoryLimitMib: 256 };
    expect(survivedLimits(quiet, after).map(({ code }) => code)).toEqual(['out_of_memory', 'process_limit']);
    expect(survivedLimits(after, after)).toEqual([]);
  });

  it('is not the disk while there is space, whatever the output contains', async () => {
    const lastLines = ['Error: ENOSPC: No space left on device'];
    expect(await exceededLimit(failed({ directories: ['/dev/shm'], lastLines }))).toBeUndefined();
  });
});
