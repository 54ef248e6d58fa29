import { setTimeout as delay } from 'node:timers/promises';
import { serviceEnd } from '../../core/model/service.ts';
import type { Clock } from '../../ports/clock.ts';
import { engineDate } from './container-status.ts';
import type { DeclaredService } from './service-spec.ts';
import type { TaskServices } from './task-services.ts';

const checkEveryMilliseconds = 300;
const longestCheckMilliseconds = 30_000;

/** Waits for the services of a task. */
export interface ServiceGate {
  readonly services: Pick<TaskServices, 'inspect' | 'exec'>;
  readonly declared: readonly DeclaredService[];
  readonly clock: Clock;
  /** Whether the task still waits: it runs, and nothing stops it. */
  readonly isWanted: () => Promise<boolean>;
}

/**
 * Waits until all services of a task are ready.
 *
 * @returns undefined if they are, or if the task is no longer wanted; otherwise the reason why one never will be.
 */
export async function untilReady(gate: ServiceGate): Promise<string | undefined> {
  const failures = await Promise.all(gate.declared.map((service) => untilOneReady(gate, service)));
  return failures.find((failure) => failure !== undefined);
}

async function untilOneReady(gate: ServiceGate, service: DeclaredService): Promise<string | undefined> {
  const { name, ready, timeoutSeconds } = service;
  let last = '';
  while (await gate.isWanted()) {
    const state = (await gate.services.inspect(name))?.State;
    if (state !== undefined && ['exited', 'dead'].includes(state.Status)) {
      const end = { exitCode: state.ExitCode, ...(state.OOMKilled ? { outOfMemory: true as const } : {}) };
      return `The service ${name} ${serviceEnd(end, service)} before it was ready.`;
    }
    if (state?.Running) {
      const check = ready === undefined ? undefined : await checkOnce(gate, name, ready);
      if (check === undefined) return undefined;
      last = check;
      const limit = (engineDate(state.StartedAt)?.getTime() ?? 0) + timeoutSeconds * 1000;
      if (gate.clock.now().getTime() >= limit)
        return `The service ${name} was not ready after ${timeoutSeconds} s: ${last}`;
    }
    await delay(checkEveryMilliseconds, undefined, { ref: false });
  }
  return undefined;
}

/** @returns undefined if the command succeeded; otherwise what it said. */
async function checkOnce(
  { services }: ServiceGate,
  name: string,
  command: string,
): Promise<string | undefined> {
  const check = services.exec(name, command).then(
    ({ exitCode, output }) =>
      exitCode === 0
        ? undefined
        : `\`${command}\` ended with exit code ${exitCode}.${output === '' ? '' : ` ${output.slice(-300)}`}`,
    // The container ended during the check: its state is read next.
    (error: unknown) => `\`${command}\` could not run: ${String(error)}`,
  );
  const tooLong = delay(longestCheckMilliseconds, `\`${command}\` did not end.`, { ref: false });
  return Promise.race([check, tooLong]);
}
