import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { SlotStore } from '../../ports/store.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { claimOf, type SlotClaim, type SlotLimits, type SlotsView, slotOrder } from '../model/slots.ts';

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
  const { slots } = deps.store;
  // A waiting run usually still waits: reading costs a fraction of writing.
  const seen = isWaitingFor(run, undefined) ? await slots.read() : undefined;
  return acquireFrom(deps, run, { slots, limits, seen });
}

/** Acquires the slot of a run in its concurrency group, or its position in the queue of the group. */
export async function acquireGroupSlot(deps: SlotDeps, run: Run): Promise<SlotAnswer> {
  const { concurrency } = run.spec;
  if (concurrency === undefined) return { kind: 'unlimited' };
  const slots = deps.store.slotsOf(run.projectId, concurrency.group);
  const limits = { tasks: concurrency.limit };
  // Maintenance does not know which groups exist, so the runs that wait in a group reclaim its slots.
  const seen = isWaitingFor(run, concurrency.group)
    ? await reclaim(deps, slots, (view) => [...view.active, ...slotOrder(view, limits).admitted])
    : undefined;
  return acquireFrom(deps, run, { slots, limits, seen });
}

function isWaitingFor({ waiting }: Run, group: string | undefined): boolean {
  return waiting?.reason === 'capacity' && waiting.group === group;
}

/** @param from.seen a read of the slots, for a run that waits for one. */
async function acquireFrom(
  deps: SlotDeps,
  run: Run,
  { slots, limits, seen }: { slots: SlotStore; limits: SlotLimits; seen: SlotsView | undefined },
): Promise<SlotAnswer> {
  const claim = claimOf(run);
  if (seen === undefined && (await slots.take(claim, limits, 'no queue'))) return { kind: 'held' };

  const isThere = seen !== undefined && hasPlace(seen, run, limits);
  const view = isThere ? seen : await slots.enqueue(claim, limits.ofProject ?? {});
  if (view === undefined) return { kind: 'held' };
  const { order, admitted } = slotOrder(view, limits);
  const isNext = admitted.some(({ runId }) => runId === run.id);
  if (isNext && (await slots.take(claim, limits, 'line'))) return { kind: 'held' };
  // There are free slots for others, which have not been notified.
  if (!isNext) await wake(deps, admitted);
  return { kind: 'waiting', position: order.findIndex(({ runId }) => runId === run.id) + 1 };
}

/** Whether a run is in the queue with the current limits of its project. */
function hasPlace({ waiting, projectLimits }: SlotsView, run: Run, { ofProject }: SlotLimits): boolean {
  const { tasks, vcpus } = projectLimits.get(run.projectId) ?? {};
  return (
    waiting.some(({ runId }) => runId === run.id) && tasks === ofProject?.tasks && vcpus === ofProject?.vcpus
  );
}

/** Releases the slots of a run that has ended or will never start, and notifies the next runs. Idempotent. */
export async function releaseSlots(deps: SlotDeps, run: Run, project: Project | undefined): Promise<void> {
  const { concurrency } = run.spec;
  if (concurrency !== undefined) {
    const view = await deps.store.slotsOf(run.projectId, concurrency.group).leave(claimOf(run));
    await wake(deps, slotOrder(view, { tasks: concurrency.limit }).admitted);
  }
  const isLimited = project !== undefined && (await limitsOf(deps, project)) !== undefined;
  if (!isLimited && run.slot === undefined) return;
  const view = await deps.store.slots.leave(claimOf(run));
  await wake(deps, slotOrder(view, await totalLimits(deps)).admitted);
}

/** Reclaims the slots and queue positions of all projects that ended runs have. */
export async function reclaimLeakedSlots(deps: SlotDeps): Promise<void> {
  const view = await reclaim(deps, deps.store.slots, ({ active, waiting }) => [...active, ...waiting]);
  await wake(deps, slotOrder(view, await totalLimits(deps)).admitted);
}

/**
 * Reclaims slots and queue positions of ended runs: a server that was suspended may have acquired one for a run that ended
 * in the meantime, and crashed before it released it. An end is final, so no run loses a slot that it needs.
 *
 * @param claimsIn chooses the claims to check.
 * @returns the slots afterwards.
 */
async function reclaim(
  deps: SlotDeps,
  slots: SlotStore,
  claimsIn: (view: SlotsView) => readonly SlotClaim[],
): Promise<SlotsView> {
  let view = await slots.read();
  for (const claim of claimsIn(view)) {
    const run = await deps.store.runs.get(claim.runId);
    if (run === undefined || run.settledAt !== undefined) view = await slots.leave(claim);
  }
  return view;
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
