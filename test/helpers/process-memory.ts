import { readFile, writeFile } from 'node:fs/promises';

/** Linux only: the memory of a process, in MiB, now (`VmRSS`) or at most so far (`VmHWM`). */
export async function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024);
}

/** Sets the peak to what there is now: proc_pid_clear_refs(5). */
export const resetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');
