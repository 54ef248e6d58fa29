import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Store } from '../../app/ports/store.ts';
import { branchesContract } from './store/branches.ts';
import { costsContract } from './store/costs.ts';
import { deliveriesContract } from './store/deliveries.ts';
import { holdHistoryContract } from './store/hold-history.ts';
import { holdersContract } from './store/holders.ts';
import { lineContract } from './store/line.ts';
import { maintenanceContract } from './store/maintenance.ts';
import { projectsContract } from './store/projects.ts';
import { pullCommentsContract } from './store/pull-comments.ts';
import { runsContract } from './store/runs.ts';
import { sessionsContract } from './store/sessions.ts';
import { slotsContract } from './store/slots.ts';
import { stacksContract } from './store/stacks.ts';
import { teardownsContract } from './store/teardowns.ts';
import { turnsContract } from './store/turns.ts';

/** A store under test, and its cleanup. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * The contract of every store. One store serves the whole suite; each test uses a separate project, so the suite
 * may also run against a table that holds other things.
 *
 * @param name of the implementation, for the report.
 * @param open makes a store that is ready for use.
 */
export function describeStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} as a store`, () => {
    let opened: OpenStore | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    const store = (): Store => {
      if (opened === undefined) throw new Error('the store was not opened');
      return opened.store;
    };

    projectsContract(store);
    stacksContract(store);
    turnsContract(store);
    teardownsContract(store);
    holdersContract(store);
    lineContract(store);
    branchesContract(store);
    pullCommentsContract(store);
    runsContract(store);
    deliveriesContract(store);
    costsContract(store);
    holdHistoryContract(store);
    sessionsContract(store);
    maintenanceContract(store);
    slotsContract(store);
  });
}
