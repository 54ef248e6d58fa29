import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Deps } from '../../app/core/deps.ts';
import { readConfig } from '../../app/wiring/config/config.ts';
import { serve } from '../../app/wiring/server.ts';

/**
 * Runs Berth as a separate process that kills itself, like `kill -9`, at the call that `CRASH_AT` names:
 * `after store.runs.save:provisioning 2` for the second time that a run is saved as being provisioned. Without it, it only writes its address
 * to the standard output.
 *
 * `CRASH_ARMED` names a file: before it is there no call is counted.
 *
 * `CRASH_TRACE` names a file that every call is written to, to see which points there are.
 *
 * `RETENTION_MINUTES` replaces `BERTH_RETENTION_DAYS`.
 *
 * `MEMORY_FILE` names a file that SIGUSR2 writes the memory to that is in use after a garbage collection.
 */
const [when, callName, count = '1'] = (process.env.CRASH_AT ?? '').split(' ');
const seen = new Map<string, number>();

let armed = process.env.CRASH_ARMED === undefined;
function isArmed(): boolean {
  armed ||= existsSync(process.env.CRASH_ARMED ?? '');
  return armed;
}

function dieAt(moment: 'before' | 'after', name: string): void {
  const nth = (seen.get(`${moment} ${name}`) ?? 0) + 1;
  seen.set(`${moment} ${name}`, nth);
  if (process.env.CRASH_TRACE !== undefined)
    appendFileSync(process.env.CRASH_TRACE, `${moment} ${name} ${nth}\n`);
  if (moment === when && name === callName && nth === Number(count)) process.kill(process.pid, 'SIGKILL');
}

/** Identifies a save of a run or a stack by its content, because the number of reconciliations depends on the machine. */
function stateOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  if ('stackName' in value && 'activeRuns' in value) return `:${stackState(value)}`;
  if (!('state' in value)) return '';
  return 'settledAt' in value ? ':settled' : `:${String(value.state)}`;
}

function stackState(stack: object & { activeRuns: unknown }): string {
  if (!('hold' in stack) || stack.hold === undefined) return 'free';
  return Array.isArray(stack.activeRuns) && stack.activeRuns.length > 0 ? 'in-use' : 'held';
}

/** The same port, with every one of its methods a point at which the process can die. */
function mined<Port extends object>(name: string, port: Port): Port {
  return new Proxy(port, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (Array.isArray(value)) return value;
      if (typeof value === 'object' && value !== null) return mined(`${name}.${String(key)}`, value);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (!isArmed()) return value.apply(target, args);
        const call = `${name}.${String(key)}${stateOf(args[0])}`;
        dieAt('before', call);
        const answer: unknown = await value.apply(target, args);
        // One that failed, as a save does that lost its race, has no moment after it.
        dieAt('after', call);
        return answer;
      };
    },
  });
}

const around = (deps: Deps): Deps => ({
  ...deps,
  store: mined('store', deps.store),
  executor: mined('executor', deps.executor),
  objects: mined('objects', deps.objects),
  sources: mined('sources', deps.sources),
  checks: mined('checks', deps.checks),
  events: mined('events', deps.events),
});

const { MEMORY_FILE: memoryFile } = process.env;
if (memoryFile !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // V8 defines it, as this flag asks.
  process.on('SIGUSR2', () => {
    collect();
    writeFileSync(`${memoryFile}.new`, JSON.stringify(process.memoryUsage()));
    renameSync(`${memoryFile}.new`, memoryFile);
  });
}

const { RETENTION_MINUTES: minutes } = process.env;
const retention = minutes === undefined ? {} : { retentionDays: Number(minutes) / (24 * 60) };
const server = await serve({ ...readConfig(), ...retention }, around);
process.stdout.write(`${server.url}\n`);
