import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubDeps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { TryLater } from '../model/errors.ts';
import type { PullComment } from '../model/pull-comment.ts';
import { isActive, type Run } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { type CommentView, commentView } from '../results/comment-view.ts';
import { latestRuns } from '../runs/run-pages.ts';
import { readHolder } from '../stacks/holder-records.ts';
import { isOfBranch } from './branch-of.ts';
import { type CommentChange, claimSeconds, isClaimed, saveComment } from './request-comments.ts';

/** The shortest time between two writes while suites are running. */
const leastSecondsBetweenWrites = 60;
/** If a stack has an address, the comment follows soon after it is held. */
const soonSeconds = 60;
const activeSeconds = 600;
const hourSeconds = 3600;
const restingSeconds = 6 * hourSeconds;
/** Comments that one sweep reconciles; the rest stays due. */
const batch = 100;
/** About a day of attempts, for a pull request that is closed. */
const maxAttemptsAfterEnd = 30;
/** Far more attempts than a record has concurrent changes. */
const maxTries = 10;

export type CommentDeps = Pick<GithubDeps, 'store' | 'clock' | 'log' | 'links' | 'github' | 'serialize'>;

/** Reconciles every comment that is due. One that fails does not stop the others. */
export async function sweepComments(deps: CommentDeps): Promise<void> {
  const due = await deps.store.comments.due(deps.clock.now(), batch);
  await Promise.all(
    due.map(async (comment) => {
      const { projectId, number } = comment;
      try {
        await deps.serialize(`comment ${projectId} ${number}`, () => reconcileComment(deps, comment));
      } catch (error) {
        const facts = { project: projectId, pullRequest: number, err: error };
        deps.log.error(facts, 'the comment of a pull request could not be reconciled');
      }
    }),
  );
}

/**
 * Compares the comment of a pull request with its branch, and writes it if something of substance changed. May run at
 * any time, in parallel, and after a crash: the comment is created once, and edited from then on.
 */
async function reconcileComment(deps: CommentDeps, seen: PullComment): Promise<void> {
  const now = deps.clock.now();
  if (isClaimed(seen, now)) return;
  // Woken by a version that did not note the deletion where a wake sees it.
  if (seen.isDeleted === true) return void (await saveComment(deps, seen, { dueAt: undefined }));
  const facts = await readFacts(deps, seen);
  if (facts === undefined) return void (await saveComment(deps, seen, { dueAt: later(now, restingSeconds) }));
  const next = decide(now, seen, facts);
  if (next.kind === 'wait') return void (await saveComment(deps, seen, { dueAt: next.dueAt }));
  const until = later(now, claimSeconds);
  const claimed = await saveComment(deps, seen, {
    claimedUntil: until,
    dueAt: until,
    attempts: seen.attempts + 1,
  });
  if (claimed !== undefined) await write(deps, claimed, facts, next.kind);
}

interface Facts {
  readonly project: GithubProject;
  /** Whether the pull request is open. */
  readonly isOpen: boolean;
  readonly runs: readonly Run[];
  readonly view: CommentView;
}

/** @returns undefined if the project is suspended, or gone. */
async function readFacts(
  deps: CommentDeps,
  { projectId, number, ...seen }: PullComment,
): Promise<Facts | undefined> {
  const [stored, branch] = await Promise.all([
    deps.store.projects.get(projectId),
    deps.store.branches.get({ projectId, ...seen.branch }),
  ]);
  if (stored?.github === undefined || stored.suspendedAt !== undefined || branch === undefined)
    return undefined;
  const project = { ...stored, github: stored.github };
  const runs = await runsOf(deps, project, branch);
  const { stack } = await readHolder(deps.store, project.id, branch.holder);
  const view = commentView({
    ...{ branch, runs, linkOf: deps.links.run },
    ...omitUndefined({ stack }),
  });
  const isOpen = branch.isOpen && branch.pulls.some((pull) => pull.number === number);
  return { project, isOpen, runs, view };
}

async function runsOf(deps: CommentDeps, project: GithubProject, branch: Branch): Promise<readonly Run[]> {
  if (branch.head === undefined) return [];
  const latest = await latestRuns(deps, project, branch.head, (run) => isOfBranch(run, branch, project));
  return [...latest.values()];
}

type Step =
  | { readonly kind: 'wait'; readonly dueAt: Date | undefined }
  | { readonly kind: 'create' | 'edit' | 'remove' };

function decide(now: Date, seen: PullComment, { project, isOpen, runs, view }: Facts): Step {
  const { commentId, shown, writtenAt } = seen;
  const wait = (dueAt: Date | undefined): Step => ({ kind: 'wait', dueAt });
  if (!seen.isWanted || !project.settings.deployments) {
    return commentId === undefined ? wait(undefined) : { kind: 'remove' };
  }
  const nextDue = isOpen ? nextUpdateAt(now, runs) : undefined;
  if (commentId === undefined) return isOpen && view.isUseful ? { kind: 'create' } : wait(nextDue);
  // After the pull request is closed, only a comment that says "in progress" is wrong.
  const isOutdated = isOpen ? shown?.substance !== view.substance : shown?.isFinal === false;
  if (!isOutdated || runs.length === 0) return wait(nextDue);
  const mayWriteAt = writtenAt === undefined ? now : later(writtenAt, leastSecondsBetweenWrites);
  return view.isFinal || mayWriteAt <= now ? { kind: 'edit' } : wait(mayWriteAt);
}

function nextUpdateAt(now: Date, runs: readonly Run[]): Date {
  const active = runs.filter(isActive);
  if (active.length === 0) return later(now, restingSeconds);
  return later(now, active.some(({ spec }) => spec.stack?.url !== undefined) ? soonSeconds : activeSeconds);
}

async function write(
  deps: CommentDeps,
  claimed: PullComment,
  facts: Facts,
  kind: 'create' | 'edit' | 'remove',
): Promise<void> {
  const { attempts, number } = claimed;
  try {
    await remember(deps, claimed, facts.project, await call(deps, claimed, facts, kind));
  } catch (error) {
    const retryAt = error instanceof TryLater ? error.at : undefined;
    const isGivenUp = !facts.isOpen && attempts > maxAttemptsAfterEnd;
    if (retryAt === undefined)
      deps.log.warn(
        { project: facts.project.name, pullRequest: number, err: error },
        'a comment was not written',
      );
    const backoff = Math.min(hourSeconds, 30 * 2 ** Math.min(attempts, 10));
    await remember(deps, claimed, facts.project, {
      // A wait that GitHub requests is not a failed attempt.
      attempts: retryAt === undefined ? attempts : attempts - 1,
      dueAt: isGivenUp ? undefined : (retryAt ?? later(deps.clock.now(), backoff)),
    });
  }
}

/** @returns what to store about the comment. */
async function call(
  deps: CommentDeps,
  { commentId, mayExist, attempts, number }: PullComment,
  { project, view, runs, isOpen }: Facts,
  kind: 'create' | 'edit' | 'remove',
): Promise<CommentChange> {
  const at = addressOf(project);
  const { conversations, pullRequests } = deps.github;
  const now = deps.clock.now();
  const shown = { substance: view.substance, isFinal: view.isFinal };
  const written = { shown, writtenAt: now, dueAt: isOpen ? nextUpdateAt(now, runs) : undefined };
  if (commentId === undefined) {
    const options = { mayExist: mayExist || attempts > 1 };
    return { ...written, commentId: await conversations.create(at, number, view.body, options) };
  }
  if (kind === 'remove') {
    await conversations.remove(at, commentId);
    return { commentId: undefined, shown: undefined, writtenAt: undefined, dueAt: undefined };
  }
  if (await conversations.edit(at, commentId, view.body)) return written;
  // GitHub gives the same answer for a repository that it no longer shows.
  if ((await pullRequests.get(at, number)) !== undefined) return { isDeleted: true, dueAt: undefined };
  throw new TryLater(later(now, hourSeconds), 'the pull request cannot be reached');
}

/** Records what was done, even if the record changed in the meantime. */
async function remember(
  deps: CommentDeps,
  claimed: PullComment,
  project: GithubProject,
  change: CommentChange,
): Promise<void> {
  let latest = claimed;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { commentId } = latest;
    if (change.commentId !== undefined && commentId !== undefined && commentId !== change.commentId) {
      // The claim had expired, and another process created the comment too.
      return deps.github.conversations.remove(addressOf(project), change.commentId);
    }
    // A request that came in the meantime is handled by another reconcile.
    const isRequested = latest.revision !== claimed.revision;
    const saved = await saveComment(deps, latest, {
      ...{ attempts: 0, claimedUntil: undefined },
      ...change,
      ...(isRequested && change.isDeleted !== true ? { dueAt: deps.clock.now() } : {}),
    });
    if (saved !== undefined) return;
    latest = (await deps.store.comments.get(claimed.projectId, claimed.number)) ?? latest;
  }
}
