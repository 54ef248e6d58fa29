import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TaskDirectory, taskDirectory } from './task-directory.ts';

const run = promisify(execFile);

/** Runs the command of a task so that it sees its own files and processes, and not those of the server. */
export interface TaskIsolation {
  wrap(directory: Pick<TaskDirectory, 'path'>, command: readonly string[]): readonly string[];
}

export interface IsolationOptions {
  readonly platform: NodeJS.Platform;
  readonly dataDir: string;
  /** Files that a task sees as empty: `.env`, private keys, the socket of the Docker engine. */
  readonly hiddenFiles: readonly string[];
  /** Directories that a task can read and not change: Berth itself and the home directory of its user. */
  readonly readOnlyDirectories: readonly string[];
}

/** Programs that isolation needs; all are part of util-linux. */
const tools = '/usr/bin:/bin:/usr/sbin:/sbin';
const unshare = '/usr/bin/unshare';
const probeMilliseconds = 10_000;

/**
 * Prepares the file system of a task inside new user, mount, and process namespaces, and then runs the command.
 *
 * - The task's own directories are mounted on an empty file system, which then covers the data directory.
 * - A directory that is made read-only takes its mounts with it: binding it without them is not allowed here.
 * - The command runs in another user namespace, as its user outside. There it has no rights over these
 *   mounts: https://man7.org/linux/man-pages/man7/mount_namespaces.7.html, "Restrictions on mount namespaces".
 * - This shell is process 1. It reaps orphans, and whatever is left dies with it. It has handlers for signals to the
 *   group, so that it outlives the runner; the runner does not inherit them.
 */
const script = `
set -e
task=$1 data=$2 uid=$3 gid=$4
shift 4
path=$PATH
PATH=${tools}
inside=$task/stage/\${task#"$data"/}
read_only() {
  while read -r _ _ _ _ point _; do
    case $point in
      "$data" | "$data"/*) ;;
      "$1" | "$1"/*)
        mount -o remount,bind,ro "$point" 2>/dev/null ||
          mount -o remount,bind,ro,nosuid,nodev "$point" 2>/dev/null || [ "$point" != "$1" ] ;;
    esac
  done </proc/self/mountinfo
}
mount -t tmpfs -o mode=755 tmpfs "$task/stage"
for name in home tmp work; do
  mkdir -p "$inside/$name"
  mount --bind "$task/$name" "$inside/$name"
done
while [ "$1" != -- ]; do
  case $1 in
    ro) if [ -d "$2" ]; then
        mount --rbind "$2" "$2"
        read_only "$2"
      fi ;;
    hide) [ ! -e "$2" ] || mount --bind /dev/null "$2" ;;
  esac
  shift 2
done
shift
mount --rbind "$task/stage" "$data"
cd "$task/work"
unshare=$(command -v unshare)
PATH=$path
set +e
trap : HUP INT TERM
"$unshare" --user --map-user="$uid" --map-group="$gid" -- "$@"
exit $?
`;

/**
 * Tries whether this system isolates tasks without further privileges.
 *
 * @returns the isolation, or the reason why it is not available.
 */
export async function findIsolation(
  options: IsolationOptions,
): Promise<{ readonly isolation: TaskIsolation } | { readonly isolation?: undefined; readonly why: string }> {
  if (options.platform !== 'linux') return { why: `${options.platform} has no namespaces` };
  const isolation = namespaces(options);
  const probe = taskDirectory(join(options.dataDir, 'tasks'), '.probe');
  try {
    await probe.prepare(new Date(0));
    // It sees its own directory, and process 2 is the first after the shell.
    const check =
      '[ -d "$1/work" ] && [ ! -e "$1/created" ] && [ "$(cat /proc/1/comm)" = sh ] && echo isolated';
    const [file = '', ...args] = isolation.wrap(probe, ['/bin/sh', '-c', check, 'probe', probe.path]);
    const { stdout } = await run(file, args, {
      env: { PATH: tools },
      cwd: probe.work,
      timeout: probeMilliseconds,
      killSignal: 'SIGKILL',
    });
    return stdout.trim() === 'isolated' ? { isolation } : { why: 'a trial task was not isolated' };
  } catch (error) {
    return { why: reasonOf(error) };
  } finally {
    await rm(probe.path, { recursive: true, force: true });
  }
}

function namespaces({ dataDir, hiddenFiles, readOnlyDirectories }: IsolationOptions): TaskIsolation {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const readOnly = readOnlyDirectories.filter((directory) => directory !== '/');
  return {
    wrap: ({ path }, command) => [
      unshare,
      ...['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'],
      ...['/bin/sh', '-c', script, 'berth-isolation', path, dataDir, String(uid), String(gid)],
      ...readOnly.flatMap((directory) => ['ro', directory]),
      ...hiddenFiles.flatMap((file) => ['hide', file]),
      '--',
      ...command,
    ],
  };
}

function reasonOf(error: unknown): string {
  const stderr = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
  const [line = ''] = (stderr.trim() || (error instanceof Error ? error.message : String(error))).split('\n');
  return line.slice(0, 200);
}
