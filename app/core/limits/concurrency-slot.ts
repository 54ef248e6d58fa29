import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { SlotStore } from '../../ports/store.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { claimOf, type SlotLimits, type SlotsView, slotOrder } from '../model/slots.ts';

export type SlotAnswer =
  | { readonly kind: 'unlimited' | 'held' }
  /** 1 for the next. */
  | { readonly kind: 'waiting'; readonly position: number };

export type SlotDeps = Pick<Deps, 'store' | 'policy' | 'enqueue' | 'taskQuota'>;

/**
 * Acquires the slot that a run's task needs, or its position in the queue, if the number of tasks is limited. One round
 * trip if a slot is free and no run waits, three at most otherwise.
 *
 */
export async function acquireSlot(deps: SlotDeps, run: Run, project: Project): Promise<SlotAnswer> {
  const limits = await limitsOf(deps, project);
  if (limits === undefined) return { kind: 'unlimited' };
  return acquireFrom(deps, run, { slots: deps.store.slots, limits, waited: isWaitingFor(run, undefined) });
}

/** Acquires the slot of a run in its concurrency group, or its position in the queue of the group. */
export async function acquireGroupSlot(deps: SlotDeps, run: Run): Promise<SlotAnswer> {
  const { concurrency } = run.spec;
  if (concurrency === undefined) return { kind: 'unlimited' };
  const slots = deps.store.slotsOf(run.projectId, concurrency.group);
  const limits = { tasks: concurrency.limit };
  const waited = isWaitingFor(run, concurrency.group);
  // Maintenance does not know which groups exist, so the runs that wait in a group reclaim its slots.
  if (waited) await reclaimFirst(deps, slots, limits);
  return acquireFrom(deps, run, { slots, limits, waited });
}

function isWaitingFor({ waiting }: Run, group: string | undefined): boolean {
  return waiting?.reason === 'capacity' && waiting.group === group;
}

async function acquireFrom(
  deps: SlotDeps,
  run: Run,
  { slots, limits, waited }: { slots: SlotStore; limits: SlotLimits; waited: boolean },
): Promise<SlotAnswer> {
  const claim = claimOf(run);
  if (!waited && (await slots.take(claim, limits, 'no queue'))) return { kind: 'held' };

  const view = (waited ? await placeIn(slots, run, limits) : undefined) ?? (await enqueue());
  if (view === undefined) return { kind: 'held' };
  const { order, admitted } = slotOrder(view, limits);
  const isNext = admitted.some(({ runId }) => runId === run.id);
  if (isNext && (await slots.take(claim, limits, 'line'))) return { kind: 'held' };
  // There are free slots for others, which have not been notified.
  if (!isNext) await wake(deps, admitted);
  return { kind: 'waiting', position: order.findIndex(({ runId }) => runId === run.id) + 1 };

  function enqueue(): Promise<SlotsView | undefined> {
    return slots.enqueue(claim, limits.ofProject ?? {});
  }
}

/** A waiting run usually still waits: reading costs a fraction of writing. */
async function placeIn(slots: SlotStore, run: Run, limits: SlotLimits): Promise<SlotsView | undefined> {
  const view = await slots.read();
  const isThere = view.waiting.some(({ runId }) => runId === run.id);
  const { tasks, vcpus } = view.projectLimits.get(run.projectId) ?? {};
  const isSame = tasks === limits.ofProject?.tasks && vcpus === limits.ofProject?.vcpus;
  return isThere && isSame ? view : undefined;
}

/** Releases the slot of a run that has ended or will never start, and notifies the next run. Idempotent. */
export async function releaseSlot(deps: SlotDeps, run: Run, project: Project | undefined): Promise<void> {
  const isLimited = project !== undefined && (await limitsOf(deps, project)) !== undefined;
  if (!isLimited && run.slot === undefined) return;
  const view = await deps.store.slots.leave(claimOf(run));
  await wake(deps, slotOrder(view, await totalLimits(deps)).admitted);
}

/** Releases the slot of an ended run in its concurrency group, and notifies the next run. Idempotent. */
export async function releaseGroupSlot(deps: SlotDeps, run: Run): Promise<void> {
  const { concurrency } = run.spec;
  if (concurrency === undefined) return;
  const view = await deps.store.slotsOf(run.projectId, concurrency.group).leave(claimOf(run));
  await wake(deps, slotOrder(view, { tasks: concurrency.limit }).admitted);
}

/** Reclaims the slots of a group that ended runs have, and the positions of ended runs that are next. */
async function reclaimFirst(deps: SlotDeps, slots: SlotStore, limits: SlotLimits): Promise<void> {
  const view = await slots.read();
  for (const claim of [...view.active, ...slotOrder(view, limits).admitted]) {
    const run = await deps.store.runs.get(claim.runId);
    if (run === undefined || run.settledAt !== undefined) await slots.leave(claim);
  }
}

/**
 * Reclaims slots and queue positions of ended runs: a server that was suspended may have acquired one for a run that ended
 * in the meantime, and crashed before it released it. An end is final, so no run loses a slot that it needs.
 */
export async function reclaimLeakedSlots(deps: SlotDeps): Promise<void> {
  let view = await deps.store.slots.read();
  for (const claim of [...view.active, ...view.waiting]) {
    const run = await deps.store.runs.get(claim.runId);
    if (run === undefined || run.settledAt !== undefined) view = await deps.store.slots.leave(claim);
  }
  await wake(deps, slotOrder(view, await totalLimits(deps)).admitted);
}

async function wake(deps: SlotDeps, claims: readonly { readonly runId: Run['id'] }[]): Promise<void> {
  for (const { runId } of claims) await deps.enqueue(runId);
}

/** The smaller of the configured limit and the account's quota applies: tasks above it would not start. */
async function totalLimits({ policy, taskQuota }: SlotDeps): Promise<SlotLimits> {
  const { maxTasks, maxTaskCpuUnits } = policy;
  const quota = await taskQuota?.current();
  const cpuUnits = smallerOf(maxTaskCpuUnits, quota);
  return omitUndefined({
    tasks: maxTasks,
    cpuUnits,
  });
}

/**
 * Without a configured limit, a quota for thousands of tasks is left to AWS: all of them would have to
 * write to one item (docs/data-model.md), for a limit that they hardly ever reach.
 */
const largestKeptCpuUnits = 256 * 1024;

function smallerOf(limit: number | undefined, quota: number | undefined): number | undefined {
  if (limit === undefined) return quota !== undefined && quota <= largestKeptCpuUnits ? quota : undefined;
  return Math.min(limit, quota ?? limit);
}

async function limitsOf(deps: SlotDeps, { settings }: Project): Promise<SlotLimits | undefined> {
  const { projectTasks, projectVcpus } = deps.policy;
  const ofProject = omitUndefined({
    tasks: unlessZero(settings.maxTasks ?? projectTasks),
    vcpus: unlessZero(settings.maxVcpus ?? projectVcpus),
  });
  const total = await totalLimits(deps);
  if (Object.keys(ofProject).length > 0) return { ...total, ofProject };
  return Object.keys(total).length === 0 ? undefined : total;
}

/** 0 means that there is no limit. */
function unlessZero(limit: number | undefined): number | undefined {
  return limit === 0 ? undefined : limit;
}
