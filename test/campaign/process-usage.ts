import { readdir, readFile } from 'node:fs/promises';
import { processorSeconds } from '../helpers/processor-seconds.ts';

export interface ProcessUsage {
  readonly memoryMib: number;
  readonly fileDescriptors: number;
  readonly cpuSeconds: number;
}

/** The resources that a process uses now, from Linux's process table. @returns undefined if it has ended. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [status, processor, descriptors] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      processorSeconds(pid),
      readdir(`/proc/${pid}/fd`),
    ]);
    return {
      memoryMib: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024,
      fileDescriptors: descriptors.length,
      cpuSeconds: processor.own,
    };
  } catch {
    return undefined;
  }
}
