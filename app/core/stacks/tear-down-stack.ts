import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import {
  awaitedBy,
  cleaned,
  type HolderRecord,
  handedOver,
  quarantined,
  released,
  tornDown,
} from '../model/hold.ts';
import { holder, type RunId, runId, runOfHolder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { isReserved, type Stack, type WantedTeardown, wantsTeardown } from '../model/stack.ts';
import { newRun, unpublished } from '../runs/new-run.ts';
import { teardownSpec } from '../settings/suite-spec.ts';
import { changeStack } from './change-stack.ts';
import { reserve, unreserve } from './holder-records.ts';

/**
 * Ends the hold that was seen, if no run is active on the stack and it is not reserved: makes the stack available or, if
 * it needs a teardown, starts that. After a teardown that failed, the stack is dirty.
 *
 * @param options.mayEnd whether the hold may end, for the current state of the stack.
 * @param options.record of the holder, if the caller has read it during the hold.
 * @param options.whenIdle while runs are active on the stack, notes that the last of them must end the hold.
 * @returns the stack afterwards, held only by its teardown; undefined if this did not end the hold.
 */
export async function endHold(
  deps: TeardownDeps,
  project: Project,
  seen: Stack,
  options: {
    readonly mayEnd: (current: Stack) => boolean;
    readonly record?: HolderRecord;
    readonly whenIdle?: true;
  },
): Promise<Stack | undefined> {
  const { stacks, holders } = deps.store;
  let { record } = options;
  const stack = await changeStack(stacks, seen, async (current) => {
    const now = deps.clock.now();
    if (current.hold === undefined || current.token !== seen.token) return undefined;
    if (current.activeRuns.length > 0) return options.whenIdle === true ? awaitedBy(current) : undefined;
    if (isReserved(current, now) || !options.mayEnd(current)) return undefined;
    // A pointer that is set after this read belongs to a later request, and stays.
    record ??= await holders.get(project.id, current.hold.holder);
    const left = await afterTeardown(deps, current);
    if (left === undefined || left.hold === undefined) return left;
    const [wanted] = left.teardowns ?? [];
    return wanted === undefined ? released(left, now) : transferForTeardown(deps, project, left, wanted);
  });
  if (stack === undefined || stack.activeRuns.length > 0) return undefined;
  if (record?.stackNumber === stack.number) await unreserve(holders, project.id, record);
  if (stack.hold !== undefined) await followTeardown(deps, stack);
  return stack;
}

export type TeardownDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'enqueue' | 'policy'>;

/**
 * Passes an ending hold to a run that tears the stack down. The stack is not free before that run has ended,
 * with any result. The caller saves the stack, then creates the run with {@link followTeardown}.
 *
 * The run's ID follows from the stack and the hold's token, so a repetition, after a crash or at the same time, finds
 * the same run.
 */
async function transferForTeardown(
  deps: TeardownDeps,
  project: Project,
  stack: Stack,
  teardown: WantedTeardown,
): Promise<Stack> {
  const { holders } = deps.store;
  const { number, token } = stack;
  const id = runId(await deps.ids.derived('teardown', project.id, String(number), String(token)));
  const teardownHolder = holder.run(id);
  // The pointer comes first, as in every acquisition: the run finds the stack by it.
  const record = await holders.get(project.id, teardownHolder);
  if (record?.stackNumber !== number)
    await reserve(holders, project.id, { holder: teardownHolder, stackNumber: number }, record);
  const now = deps.clock.now();
  const checkAt = later(now, deps.policy.followUpSeconds);
  return handedOver(stack, now, { holder: teardownHolder, teardown, checkAt });
}

/**
 * Ensures that a stack which is being torn down has its teardown run.
 *
 * @returns whether that run is active; false as well if there is no teardown.
 */
export async function followTeardown(deps: TeardownDeps, stack: Stack): Promise<boolean> {
  const of = stack.hold?.teardownOf;
  const id = stack.hold === undefined ? undefined : runOfHolder(stack.hold.holder);
  if (of === undefined || id === undefined) return false;
  const known = await deps.store.runs.get(id);
  if (known !== undefined) {
    if (!isTeardownOf(known, stack, of))
      throw new Error(`run ${id} is not the teardown of ${stack.stackName}`);
    return !isTerminal(known.state);
  }
  const original = await deps.store.runs.get(of);
  // Project settings no longer describe the teardown: the stack must not be lost because of that.
  if (original?.spec.teardown === undefined) return false;
  const { run } = await deps.store.runs.create(teardownRun(original, id, stack, deps.clock.now()));
  await deps.enqueue(run.id);
  return !isTerminal(run.state);
}

/**
 * Checks the result of the teardown that a stack is held for.
 *
 * @returns the stack without that teardown, still held; set aside and dirty if the teardown failed; unchanged if it is not
 *   held for a teardown; undefined if the teardown is still running.
 */
async function afterTeardown(deps: TeardownDeps, stack: Stack): Promise<Stack | undefined> {
  const of = stack.hold?.teardownOf;
  const id = stack.hold === undefined ? undefined : runOfHolder(stack.hold.holder);
  if (of === undefined || id === undefined) return stack;
  const run = await deps.store.runs.get(id);
  if (run !== undefined && !isTerminal(run.state)) return undefined;
  if (run?.state === 'succeeded') {
    const next = tornDown(stack);
    return wantsTeardown(next) ? next : cleaned(next, deps.clock.now());
  }
  const options = run?.spec.teardownOptions;
  if (options?.onFailure === 'release') return tornDown(stack);
  return quarantined(withWanted(stack, of, run), deps.clock.now(), failureOf(deps, stack, run));
}

/** Runs the teardown of a dirty stack again, if it is not running already. */
export async function retryTeardown(
  deps: TeardownDeps,
  project: Project,
  seen: Stack,
): Promise<Stack | undefined> {
  const stack = await changeStack(deps.store.stacks, seen, (current) => {
    const [wanted] = current.teardowns ?? [];
    const isSame = current.hold === undefined && current.token === seen.token && current.dirty !== undefined;
    if (!isSame || wanted === undefined || isReserved(current, deps.clock.now())) return undefined;
    return transferForTeardown(deps, project, current, wanted);
  });
  if (stack !== undefined) await followTeardown(deps, stack);
  return stack;
}

function failureOf(
  deps: TeardownDeps,
  stack: Stack,
  run: Run | undefined,
): { readonly reason: string; readonly retryAt?: Date } {
  // Without the run that used the stack, there is no command.
  if (run === undefined)
    return { reason: 'The teardown cannot run: the run that used the stack was deleted.' };
  const reason = run.outcome?.summary ?? 'The teardown ended without a result.';
  const failed = stack.dirty?.attempts ?? 0;
  if (failed >= (run.spec.teardownOptions?.retries ?? defaultRetries)) return { reason };
  return { reason, retryAt: later(deps.clock.now(), retryDelaySeconds(failed)) };
}

/** Retries of a teardown that failed, without a setting. */
const defaultRetries = 3;

/** 1, 5 and 25 minutes, then an hour. */
function retryDelaySeconds(failed: number): number {
  return Math.min(60 * 5 ** failed, 3600);
}

/** A stack of version 0.1.0 does not keep the teardown that it is held for. */
function withWanted(stack: Stack, of: RunId, run: Run | undefined): Stack {
  const { teardowns = [] } = stack;
  if (run === undefined || teardowns.some(({ runId: wanted }) => wanted === of)) return stack;
  return { ...stack, teardowns: [{ suite: run.spec.suite, runId: of }, ...teardowns] };
}

/** Only this run may release the stack; a run of another project or purpose with its ID would leave it dirty. */
function isTeardownOf(run: Run, stack: Stack, of: RunId): boolean {
  return run.projectId === stack.projectId && run.spec.teardownOf === of;
}

function teardownRun(original: Run, id: RunId, stack: Stack, now: Date): Run {
  return newRun(
    omitUndefined({
      projectId: original.projectId,
      id,
      spec: teardownSpec(original, id, stack.stackName),
      trigger: { kind: 'teardown' },
      sha: original.sha,
      github: original.github === undefined ? undefined : unpublished(original.github),
    }),
    now,
  );
}
