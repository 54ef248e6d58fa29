import type { HolderRecord } from '../../ports/stack-store.ts';
import type { Deps } from '../deps.ts';
import { holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run, StackRequirement } from '../model/run.ts';
import { hasExpired, stackNumberOf } from '../model/stack.ts';
import { endTurn } from './acquire-stack.ts';
import { giveBack, releaseHolder } from './release-stack.ts';

/**
 * Ends the turn of a run that has ended, and its hold where that ends with it, and tells who comes next. Each may have
 * been done before.
 */
export async function releaseStackOfRun(deps: Deps, run: Run, project: Project): Promise<void> {
  const wish = run.spec.stack;
  if (wish === undefined) return;
  const record = await holderOf(deps, run, project, wish);
  const number = run.held === undefined ? record?.stackNumber : stackNumberOf(run.held.stackName);
  const left = number === undefined ? undefined : await endTurn(deps, project, number, run.id);
  // A pull request that was closed meanwhile could not give back a stack that this run was active on. Other runs of
  // this holder that are active on the stack keep it: releasing refuses then.
  const isOver = wish.hold === 'run' || record?.closed !== undefined || project.suspendedAt !== undefined;
  if (isOver) await releaseHolder(deps, project, wish.holder);
  // Reclaimed, or its lease has ended, while the run was active on it.
  else if (left !== undefined && hasExpired(left, deps.clock.now()))
    await giveBack(deps, project, left, { expired: true });
  await wakeSiblings(deps, run, wish);
}

/**
 * The run's holder. One that is the run itself takes no stack from now on: whoever was about to give it one, since it
 * had waited in line, finds it closed, or gives the stack back.
 */
function holderOf(
  deps: Deps,
  run: Run,
  project: Project,
  wish: StackRequirement,
): Promise<HolderRecord | undefined> {
  return wish.holder === holder.run(run.id)
    ? deps.store.stacks.closeHolder(project.id, wish.holder, deps.clock.now())
    : deps.store.stacks.readHolder(project.id, wish.holder);
}

/** Runs of the same holder take turns: the next can have its turn now. */
async function wakeSiblings(deps: Deps, run: Run, wish: StackRequirement): Promise<void> {
  if (wish.holder === holder.run(run.id)) return;
  const active = await deps.store.runs.listActive(run.projectId);
  for (const other of active) {
    if (other.id !== run.id && other.state === 'waiting' && other.spec.stack?.holder === wish.holder) {
      await deps.enqueue(other.id);
    }
  }
}
