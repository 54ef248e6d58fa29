import { readFileSync } from 'node:fs';

/** The kernel's figures for the process group of the runner. In a container, they are those of the container. */
export interface CgroupReading {
  /** Processes that the kernel killed because memory ran out, since the group exists. */
  readonly oomKills: number;
  /** Processes that could not start because there were too many, since the group exists. */
  readonly refusedProcesses: number;
  /** If omitted, there is no limit. */
  readonly memoryLimitMib?: number;
  readonly memoryPeakMib?: number;
}

/** Version 1 writes "no limit" as a number near the maximum. */
const noLimitBytes = 2 ** 60;
const bytesPerMib = 1024 * 1024;

/** Reads version 1 and 2. All figures are 0 on other systems. */
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

/** @returns a function that reads a file of the group. A missing file is an empty text. */
function fileReader(groups: string, controller: string): (name: string) => string {
  const lines = groups.split('\n').map((line) => line.split(':'));
  const v1 = lines.find(([, controllers]) => controllers?.split(',').includes(controller));
  const v2 = lines.find(([id, controllers]) => id === '0' && controllers === '');
  const mount = v1 === undefined ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${controller}`;
  const path = (v1 ?? v2)?.slice(2).join(':') ?? '/';
  // A container may see the path that the host uses, although its own group is mounted.
  return (name) => readText(`${mount}${path}/${name}`) || readText(`${mount}/${name}`);
}

/** These files are in memory, so reading them synchronously is faster than a thread. */
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
