import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hasCode } from '../files/read-if-exists.ts';

/** A process as the system lists it. */
export interface SystemProcess {
  readonly pid: number;
  readonly parent: number;
  /** The start time in the system's format. Together with the PID it identifies a process. */
  readonly birth: string;
  /** Whether its environment has the entry `NAME=value`; false if it is not readable. */
  carries(entry: string): boolean;
  /** Its working directory, if it has no terminal: a person's shell belongs to no task. Undefined if it is not known. */
  readonly directory: string | undefined;
}

/** The processes of this machine that have not ended. */
export interface ProcessTable {
  list(): Promise<readonly SystemProcess[]>;
  /** The start time of a process; undefined if it has ended. */
  birthOf(pid: number): Promise<string | undefined>;
  /** Converts the start time that a supervisor recorded to the format of {@link birthOf}. */
  parseBirth(written: string): string;
  /** Changes with every start of the machine; empty if the start time is sufficient. */
  bootId(): Promise<string>;
}

/** @param platform as `process.platform`: Linux has `/proc`, other systems have `ps`. */
export function processTable(platform: NodeJS.Platform): ProcessTable {
  return platform === 'linux' ? linuxProcessTable : psProcessTable;
}

/** Processes read at a time, so that other work can run in between. */
const batch = 64;

const linuxProcessTable: ProcessTable = {
  async list() {
    const found: SystemProcess[] = [];
    const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    for (const [index, name] of numbers.entries()) {
      if (index % batch === batch - 1) await setImmediate();
      const process = readProcess(Number(name));
      if (process !== undefined) found.push(process);
    }
    return found;
  },

  async birthOf(pid) {
    return readStat(pid)?.birth;
  },

  parseBirth: (written) => parseStat(written)?.birth ?? '',

  async bootId() {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  },
};

/** The parent of the kernel's own threads, which have no environment. */
const kernelThreads = 2;

/** These files are in memory: reading one takes less time than using another thread. */
function readProcess(pid: number): SystemProcess | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.parent === kernelThreads) return undefined;
  const { hasTerminal, ...known } = stat;
  const environment = `\0${readable(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? ''}`;
  const directory = hasTerminal ? undefined : readable(() => readlinkSync(`/proc/${pid}/cwd`));
  return { pid, ...known, directory, carries: (entry) => environment.includes(`\0${entry}\0`) };
}

/** @returns undefined for another user's process, and for one that has just ended. */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

interface Stat {
  readonly parent: number;
  readonly birth: string;
  readonly hasTerminal: boolean;
}

function readStat(pid: number): Stat | undefined {
  const text = readable(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return text === undefined ? undefined : parseStat(text);
}

/** See proc(5). The name of the program, in parentheses, may contain any characters; a zombie has ended. */
function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, , , terminal] = fields;
  const birth = fields[19];
  if (state === 'Z' || state === 'X' || birth === undefined) return undefined;
  return { parent: Number(parent), birth, hasTerminal: terminal !== '0' };
}

const run = promisify(execFile);
/** `ps` prints dates in one language, whatever the user's. */
const psOptions = {
  env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
  maxBuffer: 64 * 1024 * 1024,
};
const psLine = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

/** On macOS and the BSDs, where the environment follows the command, separated by spaces. */
export const psProcessTable: ProcessTable = {
  async list() {
    const { stdout } = await run('ps', ['axeww', '-o', 'pid=,ppid=,stat=,lstart=,command='], psOptions);
    return stdout.split('\n').flatMap((line) => {
      const [, pid, parent, state, birth, command] = psLine.exec(line) ?? [];
      if (birth === undefined || state?.startsWith('Z')) return [];
      const carries = (entry: string) => `${command} `.includes(` ${entry} `);
      return [
        { pid: Number(pid), parent: Number(parent), birth: squeezed(birth), directory: undefined, carries },
      ];
    });
  },

  async birthOf(pid) {
    try {
      const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], psOptions);
      const [state, ...birth] = stdout.trim().split(/\s+/);
      return state === undefined || state.startsWith('Z') ? undefined : birth.join(' ');
    } catch (error) {
      // ps ends with 1 where there is no such process.
      if (hasCode(error, 1)) return undefined;
      throw error;
    }
  },

  parseBirth: squeezed,

  // A date is unique, even after a restart.
  bootId: async () => '',
};

function squeezed(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
