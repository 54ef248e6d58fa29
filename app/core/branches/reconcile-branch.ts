import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { once } from '../../lib/once.ts';
import type { Deps, GithubDeps, StoreClockDeps, StoreDeps } from '../deps.ts';
import { type Branch, type BranchKey, branchText, isMergeGroup, newBranch } from '../model/branch.ts';
import { LostRace } from '../model/errors.ts';
import type { HolderRecord } from '../model/hold.ts';
import { type Holder, holder } from '../model/ids.ts';
import { isActive, type Run, type Trigger } from '../model/run.ts';
import { retryWaitSeconds } from '../policy.ts';
import { type GithubProject, wasUpgraded } from '../projects/github-project.ts';
import { applyPoolSettings } from '../projects/set-up-project.ts';
import { activeRunsOf } from '../runs/start-run.ts';
import { noteAwaited } from '../stacks/change-stack.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { closeHolder, reopenHolder } from '../stacks/holder-records.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { type BranchRead, holderOfKey, readBranch } from './branch-of.ts';
import { cancelRunsOfBranch } from './cancel-runs.ts';
import { decideBranch, nextCheck, nextDue } from './decide-branch.ts';
import { type Aspect, type FreshFacts, observeBranch, type SeenBranch } from './observe-branch.ts';
import { type RenewDeps, renewChecks } from './renew-checks.ts';
import { isNewPull, requestComment, requestComments } from './request-comments.ts';
import { type TestDeps, testBranch } from './test-branch.ts';
import { wakeBranchesAt } from './wake-branches.ts';

export type BranchDeps = TestDeps & RenewDeps & LineDeps & Pick<GithubDeps, 'serialize' | 'pullComments'>;

/** The reason for a reconcile of a branch. It does not affect the observed state. */
export interface BranchOptions {
  /** The trigger of the runs that follow from it. */
  readonly trigger?: Trigger;
  /** The part that may have changed. If omitted, everything. */
  readonly aspect?: Aspect;
  readonly fresh?: FreshFacts;
  /** A read of the stored branch, just before. */
  readonly read?: BranchRead;
  /** A pull request of a fork that may belong to the branch. */
  readonly pull?: number;
  /** The facts of a list, which save a call to GitHub if the branch is still at this revision. */
  readonly seen?: SeenBranch & { readonly revision: number };
  /** Whether the stored branch already matches the event, so that no reconcile is needed. */
  readonly isKnown?: (stored: Branch) => boolean;
  /** The merge queue gave up on the group at this commit. */
  readonly endedAt?: string;
  /** A person with write access approved this commit. */
  readonly approval?: NonNullable<Branch['approved']>;
}

/** Far more often than others change a branch during one reconcile. */
const maxAttempts = 10;
/** Longer than it takes to write a branch. */
const wakeSeconds = 5;

/**
 * Compares a branch with its current state at GitHub, and applies the difference: an open branch has a run of each suite
 * for its head commit, and none for older ones; a closed branch runs and holds nothing. May run at any time, in parallel,
 * and after a crash.
 *
 * @throws TryLater if GitHub does not answer now, or its answer is older than the event.
 */
export function reconcileBranch(
  deps: BranchDeps,
  project: GithubProject,
  key: BranchKey,
  options: BranchOptions = {},
): Promise<Branch | undefined> {
  return deps.serialize(branchText(key), async (hasWaited) => {
    if (project.suspendedAt !== undefined) return undefined;
    let read = hasWaited ? undefined : options.read;
    for (let attempt = 1; ; attempt += 1) {
      try {
        read ??= await readBranch(deps, project.github, key);
        return await reconcileOnce(deps, project, key, { ...options, read });
      } catch (error) {
        if (!(error instanceof LostRace) || attempt === maxAttempts) throw error;
        read = undefined;
      }
    }
  });
}

async function reconcileOnce(
  deps: BranchDeps,
  project: GithubProject,
  key: BranchKey,
  options: BranchOptions & { readonly read: BranchRead },
): Promise<Branch> {
  const now = deps.clock.now();
  const { known, record } = options.read;
  const stored = known ?? firstSeen(deps, project, key, options);
  if (stored.revision > 0 && stored.attempts === 0 && options.isKnown?.(stored) === true) return stored;
  const facts = options.seen?.revision === stored.revision ? options.seen : seenBefore(stored, options);
  const seen =
    facts !== undefined
      ? { head: facts.head, pulls: facts.pulls }
      : await observeBranch(deps, project, stored, {
          aspect: options.aspect ?? 'all',
          pullNumbers: options.pull === undefined ? [] : [options.pull],
          fresh: options.fresh ?? {},
        });
  const decided = decideBranch(stored, seen, {
    ...options,
    now,
    defaultBranch: project.github.defaultBranch,
  });
  const leftAt = hasLeft(stored, decided) ? stored.head : undefined;
  // Before and after the write: a crash in between must not leave the result of another branch on the others.
  await wakeBranchesAt(deps, project.id, leftAt, { left: stored, afterSeconds: wakeSeconds });
  // Written before the work, and due soon: a crash in between is followed by another reconcile.
  const dueAt = later(now, Math.max(2 * deps.policy.followUpSeconds, retryWaitSeconds(stored.attempts)));
  const branch = await deps.store.branches.save({
    ...decided,
    ...omitUndefined({ approved: options.approval }),
    holder: decided.isOpen && !stored.isOpen ? await holderOf(deps, project, decided) : decided.holder,
    attempts: stored.attempts + 1,
    dueAt,
  });
  const { runs, scheduleAt } = branch.isOpen
    ? await keepOpen(deps, project, branch, { before: stored, record })
    : { runs: await keepClosed(deps, project, branch) };
  await wakeBranchesAt(deps, project.id, leftAt, { left: branch });
  for (const { number } of stored.pulls)
    if (!branch.pulls.some((pull) => pull.number === number)) await requestComment(deps, project.id, number);
  return await finish(deps, branch, { runs, scheduleAt });
}

/**
 * The end of a branch that is closed already needs no call to GitHub: nothing runs for it, and the comparison of the
 * repository finds it if it exists again.
 */
function seenBefore({ revision, isOpen }: Branch, { aspect }: BranchOptions): SeenBranch | undefined {
  return aspect === 'deleted' && revision > 0 && !isOpen ? { head: undefined, pulls: [] } : undefined;
}

function firstSeen(
  deps: Pick<Deps, 'clock'>,
  project: GithubProject,
  key: BranchKey,
  { trigger }: BranchOptions,
): Branch {
  return newBranch(key, {
    isTrusted: key.repositoryId === project.github.repositoryId,
    trigger: trigger ?? { kind: 'push' },
    now: deps.clock.now(),
  });
}

/** In version 0.1.0 a pull request held the stack of its branch. Such a hold continues for one epoch. */
async function holderOf(deps: StoreClockDeps, project: GithubProject, branch: Branch): Promise<Holder> {
  if (!branch.isTrusted) return branch.holder;
  if (branch.epoch > 1 || !wasUpgraded(project, deps.clock.now())) return holder.branch(branch.name);
  for (const { number } of branch.pulls) {
    const record = await deps.store.holders.get(branch.projectId, holder.pullRequest(number));
    const holds = record?.stackNumber !== undefined || record?.ticketNumber !== undefined;
    if (holds && record.closed === undefined) return holder.pullRequest(number);
  }
  return holder.branch(branch.name);
}

/** The result of the work for a branch. */
interface Kept {
  readonly runs: readonly Run[];
  readonly scheduleAt?: Date | undefined;
}

async function keepOpen(
  deps: BranchDeps,
  project: GithubProject,
  branch: Branch,
  { before, record: seen }: { readonly before: Branch; readonly record: HolderRecord | undefined },
): Promise<Kept> {
  const isSeen = branch.holder === holderOfKey(project.github, branch);
  const record = isSeen ? seen : await deps.store.holders.get(project.id, branch.holder);
  if (record?.closed !== undefined) await reopenHolder(deps.store.holders, project.id, branch.holder);
  // Without a pull request, the stack is released with the last run on it.
  if (branch.pulls.length === 0 && record?.stackNumber !== undefined)
    await noteAwaited(
      deps.store.stacks,
      { projectId: project.id, number: record.stackNumber },
      branch.holder,
    );
  const active = activeRunsOf(deps, project.id);
  const hasNoStack = record?.closed === undefined && record?.stackNumber === undefined;
  const isNew = before.head !== branch.head || before.epoch !== branch.epoch;
  const holder = hasNoStack ? { holder: { record } } : {};
  const [pull] = branch.pulls;
  const mayHaveNewComment =
    deps.pullComments !== false && pull !== undefined && isNewPull(deps, before, pull);
  const tested = await testBranch(deps, project, branch, { active, isNew, mayHaveNewComment, ...holder });
  const isDefault = branch.isTrusted && branch.name === project.github.defaultBranch;
  if (isDefault && tested.settings !== undefined)
    await applyPoolSettings(deps, project.id, tested.settings.stack);
  // Ends or shows only what still belongs to this state of the branch. A change in between is found at the end.
  const confirm = once(() => refuseChanged(deps, branch));
  const wanted = new Set(tested.runs.map(({ id }) => id));
  const others = [...(await active.ids())].filter((id) => !wanted.has(id));
  await cancelRunsOfBranch(deps, project, branch, {
    ids: others,
    confirm,
    fits: (run) =>
      isSuperseded(run, branch) && !tested.uncancellable.has(run.spec.suite) && !isDeploying(run),
    reason: `A newer commit was pushed (${branch.head?.slice(0, 7)}).`,
  });
  await renewChecks(deps, project, branch, tested.runs, confirm);
  const isWanted = tested.settings?.comment;
  const hasOthers = others.length > 0;
  await requestComments(deps, branch, { before, isWanted, runs: tested.runs, hasOthers });
  return tested;
}

/** A deployment that has begun continues, unless its settings allow to cancel it: the next one waits for it. */
function isDeploying({ spec, state }: Run): boolean {
  if (spec.deploy === undefined || spec.deploy.cancelSuperseded) return false;
  return state === 'provisioning' || state === 'running';
}

/** A person may run an older commit again; that run continues. So does one of a schedule. */
function isSuperseded(run: Run, branch: Branch): boolean {
  const isAskedFor = run.retryOf !== undefined && run.trigger.kind !== 'retry';
  if (run.trigger.kind === 'schedule') return false;
  return run.sha !== branch.head && !(isAskedFor && run.createdAt >= branch.headSince);
}

/**
 * Closes the holder first, so that late requests get no stack; then cancels active runs; then releases the stack, here
 * or, if a run must stop first, when that run is settled.
 */
async function keepClosed(deps: BranchDeps, project: GithubProject, branch: Branch): Promise<readonly Run[]> {
  await closeHolder(deps.store.holders, project.id, branch.holder, deps.clock.now());
  const cancelled = await cancelRunsOfBranch(deps, project, branch, {
    fits: () => true,
    reason: reasonOfEnd(branch),
  });
  await releaseHolder(deps, project, branch.holder, { whenIdle: true });
  return cancelled;
}

function reasonOfEnd(branch: Branch): string {
  const { name, head } = branch;
  if (isMergeGroup(branch)) return 'The merge group is no longer in the queue.';
  return head === undefined
    ? `The branch ${name} was deleted.`
    : `The pull request was closed, and nothing was pushed to ${name} after that.`;
}

/** @throws LostRace if the branch was changed since it was written: the work must be repeated. */
async function refuseChanged(deps: StoreDeps, branch: Branch): Promise<void> {
  const latest = await deps.store.branches.get(branch);
  if (latest?.revision !== branch.revision) throw new LostRace(`branch ${branch.name} was changed`);
}

/** Other branches at a commit that this branch has left may need to show their result as the newest again. */
function hasLeft(before: Branch, after: Branch): boolean {
  return before.head !== after.head || (before.isOpen && !after.isOpen);
}

async function hasStack({ store }: StoreDeps, { projectId, holder }: Branch): Promise<boolean> {
  return (await store.holders.get(projectId, holder))?.stackNumber !== undefined;
}

async function finish(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  branch: Branch,
  { runs, scheduleAt }: Kept,
): Promise<Branch> {
  const { dueAt: _, isWoken: __, scheduleAt: ___, ...rest } = branch;
  const isUnfinished = runs.some(isActive) || (await hasStack(deps, branch));
  return deps.store.branches.save({
    ...rest,
    attempts: 0,
    ...nextDue(isUnfinished ? nextCheck(deps, branch) : undefined, scheduleAt),
  });
}
