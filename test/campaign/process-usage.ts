import { readdir, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
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

/**
 * The memory that the objects of a server use after a garbage collection, in MiB: its own process memory also has what the
 * allocator keeps.
 *
 * @param memoryFile its `MEMORY_FILE`: see crashing-server.ts.
 * @returns undefined if it does not answer.
 */
export async function objectsMib(pid: number, memoryFile: string): Promise<number | undefined> {
  await rm(memoryFile, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let tries = 0; tries < 300; tries += 1) {
    const written = await readFile(memoryFile, 'utf8').catch(() => undefined);
    if (written !== undefined) {
      const { heapUsed, external }: NodeJS.MemoryUsage = JSON.parse(written);
      return (heapUsed + external) / 1024 ** 2;
    }
    await delay(100);
  }
  return undefined;
}
