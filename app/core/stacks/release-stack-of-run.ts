import { branchKeyOf } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import type { HolderRecord } from '../model/hold.ts';
import { holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isActive, type Run, type StackRequirement } from '../model/run.ts';
import { hasExpired, stackNumberOf } from '../model/stack.ts';
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
  const [record, stack] = await Promise.all([
    holderOf(deps, run, project, wanted),
    held === undefined ? undefined : deps.store.stacks.get(project.id, held),
  ]);
  const number = held ?? record?.stackNumber;
  const left = number === undefined ? undefined : await endTurn(deps, project, stack ?? number, run.id);
  const siblings = await activeSiblings(deps, run, wanted);
  if (siblings.length === 0 && (await isOver(deps, run, project, { wanted, record }))) {
    const isOwn = record !== undefined && left?.hold?.holder === wanted.holder;
    await releaseHolder(deps, project, wanted.holder, isOwn ? { record, stack: left } : undefined);
  } else if (left !== undefined && hasExpired(left, deps.clock.now())) {
    // The hold was reclaimed, or its lease expired, while the run was active.
    await releaseHold(deps, project, left, { expired: true });
  }
  for (const sibling of siblings) if (sibling.state === 'waiting') await deps.enqueue(sibling.id);
}

/** A branch that closed while the run was active on its stack could not release the stack. */
async function isOver(
  deps: Pick<Deps, 'store'>,
  run: Run,
  project: Project,
  { wanted, record }: { wanted: StackRequirement; record: HolderRecord | undefined },
): Promise<boolean> {
  if (record?.closed !== undefined || project.suspendedAt !== undefined) return true;
  return endsWithRun(deps, run, wanted);
}

/**
 * Returns the run's holder. A holder that is the run itself acquires no stack from now on: a process that is about to
 * grant it one, because it waited in the queue, finds it closed, or releases the stack.
 */
function holderOf(
  deps: Pick<Deps, 'store' | 'clock'>,
  run: Run,
  project: Project,
  wanted: StackRequirement,
): Promise<HolderRecord | undefined> {
  return wanted.holder === holder.run(run.id)
    ? closeHolder(deps.store.holders, project.id, wanted.holder, deps.clock.now())
    : deps.store.holders.get(project.id, wanted.holder);
}

/** Other runs of the holder that use its stack in parallel with this one or after it. */
async function activeSiblings(
  deps: Pick<Deps, 'store'>,
  run: Run,
  wanted: StackRequirement,
): Promise<readonly Run[]> {
  if (wanted.holder === holder.run(run.id)) return [];
  const listed = await deps.store.runs.listActive(run.projectId);
  const ids = listed.filter((one) => one.id !== run.id && one.spec.stack?.holder === wanted.holder);
  // The list may lag behind: two runs that end at the same time must not each rely on the other.
  const latest = await Promise.all(ids.map(({ id }) => deps.store.runs.get(id)));
  return latest.filter((one) => one !== undefined && isActive(one));
}

/** A branch keeps its stack while it has an open pull request. */
async function endsWithRun(
  { store }: Pick<Deps, 'store'>,
  run: Run,
  { hold }: StackRequirement,
): Promise<boolean> {
  const key = branchKeyOf(run);
  if (hold !== 'branch' || key === undefined) return hold === 'run';
  const branch = await store.branches.get(key);
  return branch === undefined || branch.pulls.length === 0;
}
