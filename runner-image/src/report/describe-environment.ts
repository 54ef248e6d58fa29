import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, release, type as systemType, totalmem } from 'node:os';
import type { Job } from '../../../app/core/model/job.ts';
import type { CgroupReading } from '../limits/cgroup.ts';

const cpuUnitsPerCpu = 1_024;

/**
 * @returns what the suite ran on, as names and values for a reader.
 */
export async function describeEnvironment(job: Job, cgroup: CgroupReading): Promise<[string, string][]> {
  const { cpuUnits, memoryMib, timeoutSeconds } = job.limits;
  const memoryLimitMib = memoryMib ?? cgroup.memoryLimitMib;
  const machineMib = Math.round(totalmem() / 1024 ** 2);
  return [
    ['System', (await distribution()) ?? systemType()],
    ['Kernel', `${systemType()} ${release()} ${arch()}`],
    ['CPUs', cpuUnits === undefined ? String(availableParallelism()) : String(cpuUnits / cpuUnitsPerCpu)],
    [
      'Memory',
      memoryLimitMib === undefined ? `${machineMib} MiB, not limited` : `limit ${memoryLimitMib} MiB`,
    ],
    ...peak(cgroup),
    ['Time limit', `${timeoutSeconds} s`],
    ['Runner', `Node.js ${process.version}`],
  ];
}

/** Without a limit of its own the group may be shared, and its peak be another's. */
function peak({ memoryLimitMib, memoryPeakMib }: CgroupReading): [string, string][] {
  return memoryLimitMib === undefined || memoryPeakMib === undefined
    ? []
    : [['Peak memory', `${memoryPeakMib} MiB, files in the cache included`]];
}

async function distribution(): Promise<string | undefined> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
}
