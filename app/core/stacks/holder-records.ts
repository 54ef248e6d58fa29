import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { HolderStore } from '../../ports/stack-store.ts';
import type { Store } from '../../ports/store.ts';
import type { HolderRecord } from '../model/hold.ts';
import type { Holder, ProjectId } from '../model/ids.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import type { Stack } from '../model/stack.ts';

/** The record of a holder, and its stack: the record's pointer is a hint until the stack names the holder. */
export async function readHolder(
  { holders, stacks }: Pick<Store, 'holders' | 'stacks'>,
  projectId: ProjectId,
  holder: Holder,
): Promise<{ readonly record?: HolderRecord; readonly stack?: Stack }> {
  const record = await holders.get(projectId, holder);
  const number = record?.stackNumber;
  const stack = number === undefined ? undefined : await stacks.get(projectId, number);
  return omitUndefined({ record, stack: stack?.hold?.holder === holder ? stack : undefined });
}

/**
 * Points a holder at a stack before it acquires it, so that its other requests go for the same stack.
 *
 * @param seen the record that this was decided on; its holder is not closed.
 * @throws LostRace if the record has changed.
 */
export function reserve(
  holders: HolderStore,
  projectId: ProjectId,
  target: { readonly holder: Holder; readonly stackNumber: number },
  seen: HolderRecord | undefined,
): Promise<HolderRecord> {
  const generation = (seen?.generation ?? 0) + 1;
  return holders.save(projectId, { ...seen, ...target, generation }, seen);
}

/** Removes the pointer if its generation has not changed. */
export async function unreserve(
  holders: HolderStore,
  projectId: ProjectId,
  seen: HolderRecord,
): Promise<void> {
  await changeHolder(holders, { projectId, holder: seen.holder, seen }, (record) => {
    if (record?.generation !== seen.generation) return record;
    const { stackNumber: _, ...rest } = record;
    return rest;
  });
}

/** Closes a holder: it acquires no stack from now on. Idempotent: the first time counts. */
export async function closeHolder(
  holders: HolderStore,
  projectId: ProjectId,
  holder: Holder,
  at: Date,
): Promise<HolderRecord> {
  const record = await changeHolder(holders, { projectId, holder }, (seen) =>
    seen?.closed === undefined ? { holder, generation: 0, ...seen, closed: at } : seen,
  );
  return record ?? { holder, generation: 0, closed: at };
}

/** Opens a holder again, when a pull request is reopened. */
export async function reopenHolder(
  holders: HolderStore,
  projectId: ProjectId,
  holder: Holder,
): Promise<void> {
  await changeHolder(holders, { projectId, holder }, (seen) => {
    if (seen?.closed === undefined) return seen;
    const { closed: _, ...rest } = seen;
    return rest;
  });
}

/** Deletes the record of a holder without a stack or a ticket that never returns. */
export function forgetHolder(holders: HolderStore, projectId: ProjectId, holder: Holder): Promise<void> {
  return retryLostRace(async () => {
    const record = await holders.get(projectId, holder);
    if (record !== undefined && record.stackNumber === undefined && record.ticketNumber === undefined)
      await holders.delete(projectId, record);
  });
}

async function changeHolder(
  holders: HolderStore,
  { projectId, holder, seen }: { projectId: ProjectId; holder: Holder; seen?: HolderRecord },
  decide: (record: HolderRecord | undefined) => HolderRecord | undefined,
): Promise<HolderRecord | undefined> {
  let known = seen;
  return retryLostRace(async () => {
    const current = known ?? (await holders.get(projectId, holder));
    known = undefined;
    const next = decide(current);
    return next === undefined || next === current ? next : holders.save(projectId, next, current);
  });
}
