import { isWaiting } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, GithubDeps, StoreClockDeps, StoreDeps } from '../deps.ts';
import type { Branch, OpenPull } from '../model/branch.ts';
import type { ProjectId } from '../model/ids.ts';
import type { PullComment } from '../model/pull-comment.ts';
import { unlessLost } from '../model/retry-lost-race.ts';
import { isActive, isUnwanted, type Run } from '../model/run.ts';

/** A pull request that was opened longer ago may have a comment of an earlier installation. */
const youngMilliseconds = 600_000;
/** Far more attempts than a record has concurrent changes. */
const maxTries = 10;

/**
 * Requests a reconcile of the comments of a branch's open pull requests whose commit or settings changed.
 *
 * @param state.isWanted the setting of the commit; undefined if it could not be read.
 * @param state.before the branch at its last reconciliation: the record of a pull request that is new is not read before it is made.
 * @param state.runs those of the commit: one of them may create the record when it finishes, before which there is nothing to say.
 * @param state.hasOthers whether other runs are active, which may create a record.
 */
export async function requestComments(
  deps: Pick<GithubDeps, 'store' | 'clock' | 'pullComments'>,
  branch: Branch,
  { isWanted, before, runs, hasOthers }: CommentState,
): Promise<void> {
  const { projectId, repositoryId, name, head } = branch;
  const wanted = deps.pullComments === false ? false : isWanted;
  for (const { number, openedAt } of branch.pulls) {
    if (runs.some((run) => createsRecord(run, number)) && !runs.some(hasAddress)) continue;
    const mayExist = !isYoung(deps, openedAt);
    const first = { projectId, number, branch: { repositoryId, name }, mayExist, revision: 0, attempts: 0 };
    const isNew = wanted === true && isNewPull(deps, before, { number, openedAt });
    await request(deps, projectId, { number, isNew }, (stored) => {
      // A run of an earlier commit must not create a record that this commit does not want.
      const isNamed = wanted === true || (wanted === false && hasOthers);
      if (stored === undefined && !isNamed) return undefined;
      const next = changed(stored ?? { ...first, isWanted: wanted === true }, {
        head,
        ...omitUndefined({ isWanted: wanted }),
      });
      const isSame = next.head === stored?.head && next.isWanted === stored?.isWanted;
      return isSame ? undefined : next;
    });
  }
}

interface CommentState {
  readonly isWanted: boolean | undefined;
  readonly before: Branch;
  readonly runs: readonly Run[];
  readonly hasOthers: boolean;
}

/** Whether a reconciliation is the first that sees a pull request, which can have no comment yet. */
export function isNewPull(
  deps: Pick<Deps, 'clock'>,
  before: Branch,
  { number, openedAt }: Pick<OpenPull, 'number'> & { readonly openedAt?: Date | undefined },
): boolean {
  return isYoung(deps, openedAt) && !before.pulls.some((pull) => pull.number === number);
}

function isYoung({ clock }: Pick<Deps, 'clock'>, openedAt: Date | undefined): boolean {
  return openedAt !== undefined && clock.now().getTime() - openedAt.getTime() < youngMilliseconds;
}

function createsRecord(run: Run, number: number): boolean {
  return isActive(run) && run.github?.newComment === true && run.github.pullRequest === number;
}

/** The comment shows an address as soon as the stack is held. */
function hasAddress({ spec }: Run): boolean {
  return spec.stack?.url !== undefined;
}

/** Requests a reconcile of the comment in the pull request of a run that has ended. */
export async function requestCommentOf(deps: StoreClockDeps, run: Run): Promise<void> {
  const { projectId, spec, github } = run;
  const number = github?.pullRequest;
  if (number === undefined) return;
  // For a run that its branch no longer needs, the current one does it.
  if (github?.newComment !== true || isUnwanted(run)) return requestComment(deps, projectId, number);
  const repositoryId = github.headRepositoryId ?? github.repositoryId;
  await deps.store.comments.wake(projectId, number, deps.clock.now(), {
    ...{ projectId, number, branch: { repositoryId, name: spec.branch }, head: github.headSha },
    ...{ isWanted: true, mayExist: false, revision: 0, attempts: 0 },
  });
}

/** Requests a reconcile of the comment of a pull request, if it exists or may exist soon. */
export async function requestComment(
  deps: StoreClockDeps,
  projectId: ProjectId,
  number: number,
): Promise<void> {
  await deps.store.comments.wake(projectId, number, deps.clock.now());
}

async function request(
  deps: StoreClockDeps,
  projectId: ProjectId,
  { number, isNew }: { readonly number: number; readonly isNew: boolean },
  nextOf: (stored: PullComment | undefined) => PullComment | undefined,
): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = isNew && tries === 0 ? undefined : await deps.store.comments.get(projectId, number);
    const next = nextOf(stored);
    if (next === undefined || next.isDeleted === true) return;
    const now = deps.clock.now();
    const dueAt = isClaimed(next, now) ? next.claimedUntil : now;
    if ((await saveComment(deps, next, { dueAt })) !== undefined) return;
  }
}

/** Longer than the calls to GitHub of one write may take. */
export const claimSeconds = 60;

/** Whether a process writes the comment at present. */
export function isClaimed({ claimedUntil }: PullComment, now: Date): boolean {
  return claimedUntil !== undefined && isWaiting(claimedUntil, now, claimSeconds);
}

/** A change of a record. Undefined removes a key. */
export type CommentChange = { readonly [Key in keyof PullComment]?: PullComment[Key] | undefined };

/** @returns undefined if another process changed the record. */
export function saveComment(
  { store }: StoreDeps,
  seen: PullComment,
  change: CommentChange,
): Promise<PullComment | undefined> {
  return unlessLost(() => store.comments.save(changed(seen, change)));
}

function changed(seen: PullComment, change: CommentChange): PullComment {
  const known = Object.entries({ ...seen, ...change }).filter(([, value]) => value !== undefined);
  // No caller removes a required key.
  return Object.fromEntries(known) as unknown as PullComment;
}
