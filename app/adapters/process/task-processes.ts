import { setTimeout as delay } from 'node:timers/promises';
import { shareCalls } from '../../lib/share-calls.ts';
import { hasCode } from '../files/read-if-exists.ts';
import type { ProcessTable, SystemProcess } from './process-table.ts';
import type { Claim, TaskDirectory } from './task-directory.ts';

const roundMilliseconds = 20;
/** A fork bomb may take many rounds. After these, something cannot be killed, such as a process of another user. */
const mostRounds = 250;

/** Finds and ends the processes of tasks. */
export interface TaskProcesses {
  /** Whether the process that claimed the task is running. A later process with the same PID does not count. */
  supervisorLives(claim: Claim): Promise<boolean>;
  /** Whether the machine was restarted after that. */
  wasRestartedSince(claim: Claim): Promise<boolean>;
  /** Sends TERM to the runner, which passes it on to its children. */
  terminate(claim: Claim): void;
  /**
   * Sends KILL to all processes of the task until none is left: the supervisor's descendants, and processes that left
   * them by starting a session but have the task's HOME or TMPDIR, or work in its directory. The supervisor itself
   * records the exit, and exits.
   *
   * @returns false if a process does not end.
   */
  kill(directory: TaskDirectory, claim: Claim): Promise<boolean>;
}

export function taskProcesses(table: ProcessTable): TaskProcesses {
  // Many tasks end at the same time, and a listing reads every process of the machine.
  const list = shareCalls(() => table.list());

  async function supervisorLives(claim: Claim): Promise<boolean> {
    if (claim.bootId !== (await table.bootId())) return false;
    return (await table.birthOf(claim.pid)) === table.parseBirth(claim.writtenBirth);
  }

  return {
    supervisorLives,

    async wasRestartedSince(claim) {
      return claim.bootId !== (await table.bootId());
    },

    terminate(claim) {
      signal(-claim.pid, 'SIGTERM');
    },

    async kill(directory, claim) {
      const entries = [`HOME=${directory.home}`, `TMPDIR=${directory.tmp}`];
      for (let round = 0; round < mostRounds; round++) {
        const processes = await list();
        const supervisor = (await supervisorLives(claim)) ? claim.pid : undefined;
        const members = membersOf(processes, supervisor, directory, entries);
        if (members.length === 0 && supervisor === undefined) return true;
        for (const { pid } of members) signal(pid, 'SIGKILL');
        await delay(roundMilliseconds);
      }
      return false;
    },
  };
}

function membersOf(
  processes: readonly SystemProcess[],
  supervisor: number | undefined,
  task: TaskDirectory,
  entries: readonly string[],
): readonly SystemProcess[] {
  const family = new Set(supervisor === undefined ? [] : [supervisor]);
  const isMember = (process: SystemProcess) =>
    family.has(process.parent) ||
    entries.some((entry) => process.carries(entry)) ||
    // It left its session and its environment, as `setsid env -i` does.
    process.directory?.startsWith(`${task.path}/`) === true;
  // A child may be listed before its parent: repeat until no new process is found.
  for (let known = -1; known < family.size; ) {
    known = family.size;
    for (const process of processes) if (isMember(process)) family.add(process.pid);
  }
  return processes.filter(({ pid }) => pid !== supervisor && family.has(pid));
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended by itself, or changed to another user: nothing else can be done.
    if (!hasCode(error, 'ESRCH', 'EPERM')) throw error;
  }
}
