import { branchKeyOf } from '../branches/branch-of.ts';
import type { StoreClockDeps, StoreDeps } from '../deps.ts';
import type { HolderRecord } from '../model/hold.ts';
import { holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isActive, type Run, type StackRequirement } from '../model/run.ts';
import { hasExpired, type Stack, stackNumberOf } from '../model/stack.ts';
import { endTurn } from './acquire-stack.ts';
import type { LineDeps } from './grant-waiters.ts';
import { closeHolder } from './holder-records.ts';
import { releaseHold, releaseHolder } from './release-stack.ts';

/**
 * Ends the turn of an ended run, and its hold if nothing else explains it, and notifies the next. Each may have
 * been done before.
 */
export async function releaseStackOfRun(deps: LineDeps, run: Run, project: Project): Promise<void> {
  const wanted = run.spec.stack;
  if (wanted === undefined) return;
  const held = run.held && stackNumberOf(run.held.stackName);
  // Together: one call.
  const [seen, stack] = await Promise.all([
    holderOf(deps, run, project, wanted),
    held === undefined ? undefined : deps.store.stacks.get(project.id, held),
  ]);
  const number = held ?? seen?.stackNumber;
  const left = number === undefined ? undefined : await endTurn(deps, project, stack ?? number, run.id);
  if (left !== undefined && isKeptQuietly(run, { wanted, record: seen, left, project })) return;
  const siblings = await activeSiblings(deps, run, wanted);
  const { record, isOver } =
    siblings.length === 0
      ? await readEnd(deps, run, project, { wanted, seen })
      : { record: seen, isOver: false };
  if (isOver) {
    const isOwn = record !== undefined && left?.hold?.holder === wanted.holder;
    await releaseHolder(deps, project, wanted.holder, {
      known: isOwn ? { record, stack: left } : undefined,
    });
  } else if (left !== undefined && hasExpired(left, deps.clock.now())) {
    // The hold was reclaimed, or its lease expired, while the run was active.
    await releaseHold(deps, project, left, { expired: true });
  }
  for (const sibling of siblings) if (sibling.state === 'waiting') await deps.enqueue(sibling.id);
}

interface EndOfTurn {
  readonly wanted: StackRequirement;
  /** The record before the end of the turn, or later. */
  readonly record: HolderRecord | undefined;
  /** After the end of the turn. */
  readonly left: Stack;
  readonly project: Project;
}

/**
 * Whether a pull request keeps the stack, and no one waits for the end of the turn. A branch that closes, or loses its pull
 * request, notes that on the stack while runs are active there, in a write that either precedes the end of the turn or finds
 * the stack idle. Deployments and the suites that need them wait for each other without a note.
 */
function isKeptQuietly({ held, cancel, spec, github }: Run, end: EndOfTurn): boolean {
  const { wanted, record, left, project } = end;
  const isOwn = left.hold?.holder === wanted.holder && left.token === held?.token;
  if (!isOwn || left.awaited === true || left.hold?.leaseUntil !== undefined) return false;
  const isOver = cancel !== undefined || record?.closed !== undefined || project.suspendedAt !== undefined;
  const hasDeploys = spec.deploy !== undefined || (spec.deploys ?? []).length > 0;
  if (isOver || hasDeploys) return false;
  return wanted.hold === 'pull_request' || (wanted.hold === 'branch' && github?.pullRequest !== undefined);
}

/** A branch that closed while the run was active on its stack could not release the stack. */
async function readEnd(
  deps: StoreDeps,
  run: Run,
  project: Project,
  { wanted, seen }: { wanted: StackRequirement; seen: HolderRecord | undefined },
): Promise<{ readonly record: HolderRecord | undefined; readonly isOver: boolean }> {
  // Together: one call, after the end of the turn.
  const [record, endsHere] = await Promise.all([
    wanted.hold === 'run' ? seen : deps.store.holders.get(project.id, wanted.holder),
    endsWithRun(deps, run, wanted),
  ]);
  return { record, isOver: endsHere || record?.closed !== undefined || project.suspendedAt !== undefined };
}

/**
 * Returns the run's holder. A holder that is the run itself acquires no stack from now on: a process that is about to
 * grant it one, because it waited in the queue, finds it closed, or releases the stack.
 */
function holderOf(
  deps: StoreClockDeps,
  run: Run,
  project: Project,
  wanted: StackRequirement,
): Promise<HolderRecord | undefined> {
  return wanted.holder === holder.run(run.id)
    ? closeHolder(deps.store.holders, project.id, wanted.holder, deps.clock.now())
    : deps.store.holders.get(project.id, wanted.holder);
}

/** Other runs of the holder that use its stack in parallel with this one or after it. */
async function activeSiblings(deps: StoreDeps, run: Run, wanted: StackRequirement): Promise<readonly Run[]> {
  if (wanted.holder === holder.run(run.id)) return [];
  const listed = await deps.store.runs.listActive(run.projectId);
  const ids = listed.filter((one) => one.id !== run.id && one.spec.stack?.holder === wanted.holder);
  // The list may lag behind: two runs that end at the same time must not each rely on the other.
  const latest = await Promise.all(ids.map(({ id }) => deps.store.runs.get(id)));
  return latest.filter((one) => one !== undefined && isActive(one));
}

/** A branch keeps its stack while it has an open pull request. */
async function endsWithRun({ store }: StoreDeps, run: Run, { hold }: StackRequirement): Promise<boolean> {
  const key = branchKeyOf(run);
  if (hold !== 'branch' || key === undefined) return hold === 'run';
  const branch = await store.branches.get(key);
  return branch === undefined || branch.pulls.length === 0;
}
