import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { syncBranch } from '../../core/branches/sync-branch.ts';
import { testTag } from '../../core/branches/test-tag.ts';
import { isQueueBranch } from '../../core/model/merge-queue.ts';
import { actorOf, isFresh, projectOfEvent } from './event-context.ts';

const noCommit = /^0+$/;

/** A branch moved, appeared or went; or a tag was pushed. */
export async function onPush(deps: GithubDeps, payload: Context<'push'>['payload']): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { ref, before, deleted, head_commit: head } = payload;
  const trigger = { kind: 'push', ...actorOf(payload) } as const;
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (name === undefined) return;
  if (kind === 'tags') {
    if (!deleted && head !== null) await testTag(deps, { project, tag: name, sha: head.id, trigger });
    return;
  }
  // Looked at as a branch, a suite for `main` alone would be skipped, and its neutral check would let the group through.
  if (isQueueBranch(name) && !deleted) return;
  const wasThere = !noCommit.test(before);
  await syncBranch(deps, {
    project,
    branch: name,
    trigger,
    ...(wasThere && !deleted ? { before } : {}),
    ...(wasThere && isFresh(payload.repository.pushed_at, deps.clock.now()) ? { replaced: before } : {}),
  });
}
