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
  it('is the memory, with its size, when the kernel killed a process for it', async () => {
    const limits = { timeoutSeconds: 60, killGraceSeconds: 10, memoryMib: 512 };
    const error = await exceededLimit(failed({ exitCode: 137, after: { ...quiet, oomKills: 1 }, limits }));
    expect(error?.code).toBe('out_of_memory');
    expect(error?.message).toContain('ran out of memory: 512 MiB');
  });

  it("is the memory when the kernel killed one of the tests' processes and the suite ended by itself", async () => {
    const error = await exceededLimit(failed({ after: { ...quiet, oomKills: 1, memoryLimitMib: 256 } }));
    expect(error?.message).toContain('ran out of memory: 256 MiB');
  });

  it("is not the memory when a neighbour's process was killed for it", async () => {
    expect(await exceededLimit(failed({ after: { ...quiet, oomKills: 1 } }))).toBeUndefined();
  });

  it('is not the memory when the command was killed for another reason', async () => {
    const before = { ...quiet, oomKills: 4 };
    expect(await exceededLimit(failed({ exitCode: 137, before, after: before }))).toBeUndefined();
  });

  it('is the number of processes when some were refused', async () => {
    const error = await exceededLimit(failed({ after: { ...quiet, refusedProcesses: 3 } }));
    expect(error?.code).toBe('process_limit');
  });

  it('is said in a warning where the command succeeded all the same', () => {
    const after = { oomKills: 1, refusedProcesses: 1, memoryLimitMib: 256 };
    expect(survivedLimits(quiet, after).map(({ code }) => code)).toEqual(['out_of_memory', 'process_limit']);
    expect(survivedLimits(after, after)).toEqual([]);
  });

  it('is not the disk while there is room on it, whatever the output says', async () => {
    const lastLines = ['Error: ENOSPC: No space left on device'];
    expect(await exceededLimit(failed({ directories: ['/dev/shm'], lastLines }))).toBeUndefined();
  });
});
