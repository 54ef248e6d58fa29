import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, release, type as systemType, totalmem } from 'node:os';
import type { Job } from '../../../app/core/model/job.ts';
import type { CgroupReading } from '../limits/cgroup.ts';

const cpuUnitsPerCpu = 1_024;

/** @returns the environment of the suite, as names and values */
export async function describeEnvironment(job: Job, cgroup: CgroupReading): Promise<[string, string][]> {
  const { cpuUnits, memoryMib, timeoutSeconds } = job.limits;
  const memoryLimitMib = memoryMib ?? cgroup.memoryLimitMib;
  const machineMib = Math.round(totalmem() / 1024 ** 2);
  return [
    ['System', (await distribution()) ?? systemType()],
    ['Kernel', `${systemType()} ${release()} ${arch()}`],
    ['CPUs', cpuUnits === undefined ? String(availableParallelism()) : String(cpuUnits / cpuUnitsPerCpu)],
    ['Memory', memoryLimitMib === undefined ? `${machineMib} MiB, no limit` : `limit ${memoryLimitMib} MiB`],
    ...peak(cgroup),
    ['Time limit', `${timeoutSeconds} s`],
    ['Runner', `Node.js ${process.version}`],
  ];
}

/** Without its own limit the group may be shared, and the peak may be that of another task. */
function peak({ memoryLimitMib, memoryPeakMib }: CgroupReading): [string, string][] {
  return memoryLimitMib === undefined || memoryPeakMib === undefined
    ? []
    : [['Peak memory', `${memoryPeakMib} MiB, including cached files`]];
}

async function distribution(): Promise<string | undefined> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
}
