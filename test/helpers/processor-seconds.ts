import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

let ticksPerSecond: number | undefined;

/**
 * Reads the processor time of a process, and of its children that have ended. See proc(5), /proc/<pid>/stat.
 *
 * @throws Error if the process has ended.
 */
export async function processorSeconds(pid: number): Promise<{ own: number; children: number }> {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, userOfChildren = 0, systemOfChildren = 0] = fields.slice(11, 15).map(Number);
  return {
    own: (user + system) / ticksPerSecond,
    children: (userOfChildren + systemOfChildren) / ticksPerSecond,
  };
}
