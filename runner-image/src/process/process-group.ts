import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Every process of a run carries this variable with the run's own value, so that none can hide by leaving its group. */
export const processTagVariable = 'BERTH_PROCESS_TAG';

const pollMs = 20;
/** The kernel ends a killed process as soon as it can; what outlives this is stuck in the kernel, out of reach. */
const killWaitMs = 2_000;

export interface ProcessGroup {
  /** The id of the group's leader. */
  readonly pgid: number;
  /** The value of {@link processTagVariable}. */
  readonly tag: string;
}

export interface EndGroupOptions {
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** Ends the grace at once. */
  readonly hurry?: AbortSignal;
}

/**
 * @returns false when no process of the group is left.
 */
export function isGroupAlive(pgid: number): boolean {
  return signalProcess(-pgid, 0);
}

/**
 * Asks the group to end, and after the grace kills it: the group, and the run's processes that have left it.
 */
export async function endGroup(group: ProcessGroup, options: EndGroupOptions): Promise<void> {
  const deadline = performance.now() + options.graceMs;
  for (const target of await targets(group)) signalProcess(target, 'SIGTERM');
  while (performance.now() < deadline && !options.hurry?.aborted && (await isAnythingLeft(group))) {
    await pause(pollMs);
  }
  await killGroup(group);
}

/** Kills the group and the run's processes that have left it, and waits until they are gone. */
export async function killGroup(group: ProcessGroup): Promise<void> {
  const deadline = performance.now() + killWaitMs;
  // A process that is forked while the list is read shows up in the next round.
  for (
    let left = await targets(group);
    left.length > 0 && performance.now() < deadline;
    left = await targets(group)
  ) {
    for (const target of left) signalProcess(target, 'SIGKILL');
    await pause(pollMs);
  }
}

/** The group as a whole (as a negative id) where it has processes, and each process that has left it. */
async function targets(group: ProcessGroup): Promise<number[]> {
  const strays = await strayProcesses(group);
  return isGroupAlive(group.pgid) ? [-group.pgid, ...strays] : strays;
}

export async function isAnythingLeft(group: ProcessGroup): Promise<boolean> {
  return isGroupAlive(group.pgid) || (await strayProcesses(group)).length > 0;
}

/** Linux alone has `/proc`; elsewhere a process that leaves its group is out of sight. */
async function strayProcesses(group: ProcessGroup): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const mark = `${processTagVariable}=${group.tag}`;
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Other users' processes cannot be read, and one may end while it is looked at: neither is ours to end.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(mark);
    }),
  );
  return pids.filter((pid, index) => found[index] && pid !== process.pid);
}

function signalProcess(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
