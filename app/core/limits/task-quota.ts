import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Quotas } from '../../ports/quotas.ts';
import type { MaintenanceStore } from '../../ports/store.ts';

/** AWS raises quotas rarely, and by hand. A new quota takes effect after this time. */
const keepSeconds = 6 * 3600;
const afterFailureSeconds = 3600;
/** How long the stored quota is cached in the memory of one process. */
const rememberSeconds = 600;

/** The CPU units that the account may use in parallel, when last read. */
export interface TaskQuota {
  /** Reads the store every ten minutes, and never the platform. @returns undefined if it is not known. */
  current(): Promise<number | undefined>;
  /** Reads the quota from the platform if it is due. Called by maintenance, on one server at a time. Does not throw if AWS fails. */
  refresh(): Promise<void>;
}

/** One process reads the quota for all: launches must not wait for a service with a low rate limit. */
export function createTaskQuota(deps: {
  readonly quotas: Quotas;
  readonly store: { readonly maintenance: MaintenanceStore };
  readonly clock: Clock;
  readonly log: Logger;
}): TaskQuota {
  const { maintenance } = deps.store;
  let known: { readonly cpuUnits: number | undefined; readonly untilMs: number } | undefined;
  const inSeconds = (seconds: number): Date => later(deps.clock.now(), seconds);
  const remember = (cpuUnits: number | undefined): void => {
    known = { cpuUnits, untilMs: inSeconds(rememberSeconds).getTime() };
  };

  async function ask(before: number | undefined): Promise<void> {
    try {
      const cpuUnits = await deps.quotas.taskCpuUnits();
      if (cpuUnits === undefined) deps.log.info({}, "the account's quota of vCPUs may not be read");
      await note(cpuUnits, keepSeconds);
    } catch (err) {
      deps.log.warn({ err }, "the account's quota of vCPUs could not be read; the last known value applies");
      await note(before, afterFailureSeconds);
    }
  }

  async function note(cpuUnits: number | undefined, seconds: number): Promise<void> {
    await maintenance.noteQuota(omitUndefined({ cpuUnits, askAgainAt: inSeconds(seconds) }));
    remember(cpuUnits);
  }

  return {
    async current() {
      if (known === undefined || known.untilMs <= deps.clock.now().getTime()) {
        remember((await maintenance.readQuota())?.cpuUnits);
      }
      return known?.cpuUnits;
    },

    async refresh() {
      const noted = await maintenance.readQuota();
      if (noted !== undefined && deps.clock.now() < noted.askAgainAt) return;
      await ask(noted?.cpuUnits);
    },
  };
}
