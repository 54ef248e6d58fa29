import { readFileSync } from 'node:fs';

/** What the kernel says of the group of processes that this one belongs to; in a container, of the container. */
export interface CgroupReading {
  /** Processes that were killed because memory ran out, since the group was made. */
  readonly oomKills: number;
  /** Processes that could not be started because there were too many, since the group was made. */
  readonly refusedProcesses: number;
  /** Absent where there is no limit. */
  readonly memoryLimitMib?: number;
  readonly memoryPeakMib?: number;
}

/** Version 1 writes "no limit" as a number near the largest one. */
const noLimitBytes = 2 ** 60;
const bytesPerMib = 1024 * 1024;

/** Reads version 1 and 2; everything is 0 where there is neither. */
export function readCgroup(): CgroupReading {
  const groups = readText('/proc/self/cgroup');
  const memory = fileReader(groups, 'memory');
  const pids = fileReader(groups, 'pids');
  const limitBytes = Number.parseInt(memory('memory.max') || memory('memory.limit_in_bytes'), 10);
  const peakBytes = Number.parseInt(memory('memory.peak') || memory('memory.max_usage_in_bytes'), 10);
  return {
    oomKills: field(memory('memory.events') || memory('memory.oom_control'), 'oom_kill'),
    refusedProcesses: field(pids('pids.events'), 'max'),
    ...(limitBytes < noLimitBytes ? { memoryLimitMib: Math.round(limitBytes / bytesPerMib) } : {}),
    ...(peakBytes >= 0 ? { memoryPeakMib: Math.round(peakBytes / bytesPerMib) } : {}),
  };
}

/** @returns a function that reads a file of the group, as an empty text where there is none. */
function fileReader(groups: string, controller: string): (name: string) => string {
  const lines = groups.split('\n').map((line) => line.split(':'));
  const v1 = lines.find(([, controllers]) => controllers?.split(',').includes(controller));
  const v2 = lines.find(([id, controllers]) => id === '0' && controllers === '');
  const mount = v1 === undefined ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${controller}`;
  const path = (v1 ?? v2)?.slice(2).join(':') ?? '/';
  // A container may see its path as the host names it, while what is mounted is its own group.
  return (name) => readText(`${mount}${path}/${name}`) || readText(`${mount}/${name}`);
}

/** These files are in memory: reading one at once is quicker than handing it to a thread. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function field(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? 0 : Number(value);
}
