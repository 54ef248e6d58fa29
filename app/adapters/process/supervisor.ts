import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * The parent of a runner. It outlives the server, and records what a server needs after a restart:
 *
 * - `claim`: its own process, before anything else. The hard link is made once, so of several supervisors that were
 *   started for one task, exactly one continues, no matter which process crashed in between.
 * - `exit`: the runner's exit code and a line feed, when it exits. The shell writes it by itself: a program that it
 *   started for that could be killed with the rest of the task.
 *
 * Signals to the group are the runner's: the shell has a handler that does nothing, which (unlike ignoring them) the
 * runner does not inherit.
 *
 * A stop that was recorded before the claim means that the runner is not started at all.
 */
const script = `
trap : HUP INT TERM
exec 4>&2 2>/dev/null
directory=$1; shift
if [ -r "/proc/$$/stat" ]; then
  read -r birth <"/proc/$$/stat"
  read -r boot </proc/sys/kernel/random/boot_id
else
  birth=$(LC_ALL=C ps -o lstart= -p "$$")
fi
claim=$directory/claim.$$
won=no
printf '%s\\n' "$$" "$birth" "$boot" >"$claim" && ln "$claim" "$directory/claim" && won=yes
rm -f "$claim"
exec 3>&-
[ "$won" = yes ] || exit 0
if [ -e "$directory/stop.json" ]; then
  code=143
else
  "$@" 2>&4 4>&-
  code=$?
fi
printf '%s\\n' "$code" >"$directory/exit"
`;

export interface Supervised {
  /** Where `claim` and `exit` are written. */
  readonly directory: string;
  readonly workDirectory: string;
  readonly logPath: string;
  readonly command: readonly string[];
  /** The whole environment: nothing else is passed on. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a supervisor in a separate session, and resolves when it has claimed the task or found it claimed.
 *
 * @throws Error if it cannot be started.
 */
export async function startSupervisor(task: Supervised): Promise<void> {
  await mkdir(dirname(task.logPath), { recursive: true, mode: 0o700 });
  const log = await open(task.logPath, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', script, 'berth-task', task.directory, ...task.command], {
      cwd: task.workDirectory,
      env: task.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      // Closed by the script when it has claimed, or by its end.
      // 'pipe' above makes it a stream. Node creates none, and only reports the error, where it cannot open more files.
      const claimed = child.stdio?.[3] as Readable | undefined;
      claimed?.once('close', resolve).resume();
    });
    child.unref();
  } finally {
    await log.close();
  }
}
