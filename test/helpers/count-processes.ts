import { readdir, readFile } from 'node:fs/promises';

/** How many processes of this machine have exactly this command line; those of containers are among them. */
export async function countProcesses(commandLine: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.split('\0').join(' ').trim() === commandLine).length;
}
