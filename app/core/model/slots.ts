import { groupBy } from '../../lib/split-list.ts';
import { fargateSize } from './fargate-size.ts';
import type { ProjectId, RunId } from './ids.ts';
import type { Run } from './run.ts';
import { taskSize } from './service.ts';

/** The claim that a run makes before its task is launched; always the same for the same run. */
export interface SlotClaim {
  readonly runId: RunId;
  readonly projectId: ProjectId;
  /** The CPU units that count against the account's Fargate quota, 1024 to a vCPU. */
  readonly cpuUnits: number;
  /** When the run was created, which decides the order within its project. */
  readonly since: Date;
}

/** Limits of the parallel tasks of one project. An omitted limit does not apply. */
export interface ProjectSlotLimits {
  readonly tasks?: number;
  /** The vCPUs of all its tasks together; each task counts as whole vCPUs, rounded up. */
  readonly vcpus?: number;
}

/** Limits of parallel tasks. An omitted limit does not apply. */
export interface SlotLimits {
  readonly tasks?: number;
  readonly cpuUnits?: number;
  readonly ofProject?: ProjectSlotLimits;
}

/** A snapshot of the runs that have a slot and those that wait for one. */
export interface SlotsView {
  readonly active: readonly SlotClaim[];
  readonly waiting: readonly SlotClaim[];
  /** The limits of waiting projects that have one. */
  readonly projectLimits: ReadonlyMap<ProjectId, ProjectSlotLimits>;
}

export function claimOf({ id, projectId, spec, createdAt }: Run): SlotClaim {
  const size = taskSize(spec, spec.services);
  const cpuUnits = fargateSize(size)?.cpuUnits ?? size.cpuUnits;
  return { runId: id, projectId, cpuUnits, since: createdAt };
}

/** The maximum usage at which a claim still fits. A claim above the limit fits if nothing else runs. */
export function roomFor(claim: SlotClaim, cpuLimit: number): number {
  return Math.max(0, cpuLimit - claim.cpuUnits);
}

/** The vCPUs of a claim, as counted for its project. */
export function vcpusOf({ cpuUnits }: Pick<SlotClaim, 'cpuUnits'>): number {
  return Math.ceil(cpuUnits / 1024);
}

/** The maximum vCPUs of its project at which a claim still fits. */
export function projectRoomFor(claim: SlotClaim, vcpus: number): number {
  return Math.max(0, Math.floor(vcpus) - vcpusOf(claim));
}

/**
 * Decides the order in which waiting claims are served, and which of them fit now.
 *
 * The next claim is of the project with the fewest tasks that may have another, of several the one that has waited
 * longest, and of its runs the oldest. If it does not fit, it blocks those behind it: otherwise a large claim
 * would wait while small ones arrive. No run waits forever, because tasks end: a project that is passed over has
 * more tasks than the one that is served, and moves up with each of them that ends.
 */
export function slotOrder(
  view: SlotsView,
  limits: Omit<SlotLimits, 'ofProject'>,
): { readonly order: readonly SlotClaim[]; readonly admitted: readonly SlotClaim[] } {
  const counts = new Map<ProjectId, number>();
  const countOf = (id: ProjectId): number => counts.get(id) ?? 0;
  const vcpus = new Map<ProjectId, number>();
  const note = (claim: SlotClaim): void => {
    counts.set(claim.projectId, countOf(claim.projectId) + 1);
    vcpus.set(claim.projectId, (vcpus.get(claim.projectId) ?? 0) + vcpusOf(claim));
  };
  for (const claim of view.active) note(claim);
  const projectAllows = (claim: SlotClaim): boolean => {
    const limits = view.projectLimits.get(claim.projectId) ?? {};
    return (
      countOf(claim.projectId) < (limits.tasks ?? Number.POSITIVE_INFINITY) &&
      (limits.vcpus === undefined || (vcpus.get(claim.projectId) ?? 0) <= projectRoomFor(claim, limits.vcpus))
    );
  };
  const lines = groupBy(view.waiting.toSorted(byAge), ({ projectId }) => projectId);
  let tasks = view.active.length;
  let cpuUnits = view.active.reduce((sum, claim) => sum + claim.cpuUnits, 0);
  const fits = (claim: SlotClaim): boolean =>
    tasks < (limits.tasks ?? Number.POSITIVE_INFINITY) &&
    (limits.cpuUnits === undefined || cpuUnits <= roomFor(claim, limits.cpuUnits));

  const order: SlotClaim[] = [];
  const admitted: SlotClaim[] = [];
  let isOpen = true;
  while (order.length < view.waiting.length) {
    const heads = [...lines.values()].flatMap(([head]) => head ?? []);
    const mayHaveAnother = heads.filter(projectAllows);
    // Projects at their limit come last, in the same order among themselves.
    if (mayHaveAnother.length === 0) isOpen = false;
    const [next] = (mayHaveAnother.length === 0 ? heads : mayHaveAnother).toSorted(
      (a, b) => countOf(a.projectId) - countOf(b.projectId) || byAge(a, b),
    );
    if (next === undefined) break;
    isOpen &&= fits(next);
    if (isOpen) admitted.push(next);
    order.push(next);
    lines.get(next.projectId)?.shift();
    note(next);
    tasks += 1;
    cpuUnits += next.cpuUnits;
  }
  return { order, admitted };
}

function byAge(a: SlotClaim, b: SlotClaim): number {
  return a.since.getTime() - b.since.getTime() || (a.runId < b.runId ? -1 : 1);
}
