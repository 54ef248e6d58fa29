import { readdir, readFile } from 'node:fs/promises';

export interface ProcessUsage {
  readonly memoryMib: number;
  readonly fileDescriptors: number;
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;

/** The resources that a process uses now, from Linux's process table. @returns undefined if it has ended. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [status, stat, descriptors] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      memoryMib: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024,
      fileDescriptors: descriptors.length,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}
