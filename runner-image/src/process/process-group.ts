import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Every process of a run has this variable with the run's value, so it is found even outside its group. */
export const processTagVariable = 'BERTH_PROCESS_TAG';

const pollMs = 20;
/** A process that still exists after this time is stuck in the kernel. */
const killWaitMs = 2_000;

export interface ProcessGroup {
  /** The ID of the group's leader. */
  readonly pgid: number;
  /** The value of {@link processTagVariable}. */
  readonly tag: string;
}

export interface EndGroupOptions {
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** Ends the grace period immediately. */
  readonly hurry?: AbortSignal;
}

/**
 * A process that has ended accepts signals until its parent reaps it. The new parent of an orphan may do that late, or
 * never if a container runs without an init, so such a process does not count.
 */
function isGroupAlive(pgid: number): boolean {
  if (!signalProcess(-pgid, 0)) return false;
  const ids = processIds();
  return ids.length === 0 || ids.some((pid) => isLivingMember(pid, pgid));
}

/**
 * proc(5): `pid (name) state ppid pgrp …`, where the name may contain brackets. A process whose first thread has ended
 * looks like a zombie while its other threads continue.
 */
function isLivingMember(pid: number, pgid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, , pgrp] = fields;
    const threads = Number(fields[17]);
    return Number(pgrp) === pgid && ((state !== 'Z' && state !== 'X') || threads > 1);
  } catch {
    // Ended since the list was read.
    return false;
  }
}

/** Terminates the group, and kills it after the grace period, together with the run's processes that have left it. */
export async function endGroup(group: ProcessGroup, options: EndGroupOptions): Promise<void> {
  const deadline = performance.now() + options.graceMs;
  for (const target of targets(group)) signalProcess(target, 'SIGTERM');
  while (performance.now() < deadline && !options.hurry?.aborted && isAnythingLeft(group)) {
    await pause(pollMs);
  }
  await killGroup(group);
}

/** Kills the group and the run's processes that have left it, and waits until they are gone. */
export async function killGroup(group: ProcessGroup): Promise<void> {
  const deadline = performance.now() + killWaitMs;
  // A process that is forked while the list is read is found in the next round.
  for (let left = targets(group); left.length > 0 && performance.now() < deadline; left = targets(group)) {
    for (const target of left) signalProcess(target, 'SIGKILL');
    await pause(pollMs);
  }
}

/** The group as a whole (as a negative id) where it has processes, and each process that has left it. */
function targets(group: ProcessGroup): number[] {
  const strays = strayProcesses(group);
  return isGroupAlive(group.pgid) ? [-group.pgid, ...strays] : strays;
}

/** @returns false if no process of the run is left, in its group or outside it */
export function isAnythingLeft(group: ProcessGroup): boolean {
  return isGroupAlive(group.pgid) || strayProcesses(group).length > 0;
}

/**
 * Only Linux has `/proc`. On other systems a process that leaves its group is not found. The files are in memory, so
 * reading them synchronously is faster than a thread for each process of the machine.
 */
function strayProcesses(group: ProcessGroup): number[] {
  const mark = `${processTagVariable}=${group.tag}`;
  return processIds().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
    } catch {
      // A process of another user, or one that has ended since then.
      return false;
    }
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function signalProcess(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}
