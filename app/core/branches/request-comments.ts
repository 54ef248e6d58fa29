import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { LostRace } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import type { PullComment } from '../model/pull-comment.ts';
import type { GithubDeps } from './github-deps.ts';

/** A pull request that was opened longer ago may have a comment of an earlier installation. */
const youngMilliseconds = 600_000;
/** Far more attempts than a record has concurrent changes. */
const maxTries = 10;

/**
 * Requests a reconcile of the comments of a branch's open pull requests whose commit or settings changed.
 *
 * @param look.isWanted the setting of the commit; undefined if it could not be read.
 * @param look.before the branch at the last look: the record of a pull request that is new is not read before it is made.
 */
export async function requestComments(
  deps: Pick<GithubDeps, 'store' | 'clock' | 'pullComments'>,
  branch: Branch,
  { isWanted, before }: { readonly isWanted: boolean | undefined; readonly before: Branch },
): Promise<void> {
  const { projectId, repositoryId, name, head } = branch;
  const wanted = deps.pullComments === false ? false : isWanted;
  for (const { number, openedAt } of branch.pulls) {
    const isYoung =
      openedAt !== undefined && deps.clock.now().getTime() - openedAt.getTime() < youngMilliseconds;
    const first = {
      projectId,
      number,
      branch: { repositoryId, name },
      mayExist: !isYoung,
      revision: 0,
      attempts: 0,
    };
    const isNew = isYoung && wanted === true && !before.pulls.some((pull) => pull.number === number);
    await request(deps, projectId, { number, isNew }, (stored) => {
      if (stored === undefined && wanted !== true) return undefined;
      const next = changed(stored ?? { ...first, isWanted: true }, {
        head,
        ...omitUndefined({ isWanted: wanted }),
      });
      const isSame = next.head === stored?.head && next.isWanted === stored?.isWanted;
      return isSame ? undefined : next;
    });
  }
}

/** Requests a reconcile of the comment of a pull request, if it exists or may exist soon. */
export async function requestComment(
  deps: Pick<Deps, 'store' | 'clock'>,
  projectId: ProjectId,
  number: number,
): Promise<void> {
  await deps.store.comments.wake(projectId, number, deps.clock.now());
}

async function request(
  deps: Pick<Deps, 'store' | 'clock'>,
  projectId: ProjectId,
  { number, isNew }: { readonly number: number; readonly isNew: boolean },
  nextOf: (stored: PullComment | undefined) => PullComment | undefined,
): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const stored = isNew && tries === 0 ? undefined : await deps.store.comments.get(projectId, number);
    const next = nextOf(stored);
    if (next === undefined || next.isDeleted === true) return;
    const now = deps.clock.now();
    const isClaimed = next.claimedUntil !== undefined && next.claimedUntil > now;
    if ((await saveComment(deps, next, { dueAt: isClaimed ? next.claimedUntil : now })) !== undefined) return;
  }
}

/** A change of a record. Undefined removes a key. */
export type CommentChange = { readonly [Key in keyof PullComment]?: PullComment[Key] | undefined };

/** @returns undefined if another process changed the record. */
export async function saveComment(
  { store }: Pick<Deps, 'store'>,
  seen: PullComment,
  change: CommentChange,
): Promise<PullComment | undefined> {
  try {
    return await store.comments.save(changed(seen, change));
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
}

function changed(seen: PullComment, change: CommentChange): PullComment {
  const known = Object.entries({ ...seen, ...change }).filter(([, value]) => value !== undefined);
  // No caller removes a required key.
  return Object.fromEntries(known) as unknown as PullComment;
}
