import type { Context } from 'probot';
import { ownBranch } from '../../core/branches/branch-of.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import { testTag } from '../../core/branches/test-tag.ts';
import { githubProjectId } from '../../core/projects/github-project.ts';
import {
  actorOf,
  branchOfEvent,
  type EventDeps,
  isFresh,
  noCommit,
  projectOfEvent,
} from './event-context.ts';

/** A branch was created, updated, or deleted; or a tag was pushed. */
export async function onPush(deps: EventDeps, payload: Context<'push'>['payload']): Promise<void> {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(payload.ref) ?? [];
  if (name === undefined) return;
  const { before, after, deleted, head_commit: commit, repository } = payload;
  const key = ownBranch(
    { id: githubProjectId(repository.id), github: { repositoryId: repository.id } },
    name,
  );
  const trigger = { kind: 'push', ...actorOf(payload) } as const;
  if (kind === 'tags') {
    const project = await projectOfEvent(deps, payload);
    if (project === undefined) return;
    if (!deleted && commit !== null) await testTag(deps, { project, tag: name, sha: commit.id, trigger });
    return;
  }
  const { project, read } = await branchOfEvent(deps, payload, key);
  if (project === undefined) return;
  const mayBeBehind = !noCommit.test(before) && isFresh(payload.repository.pushed_at, deps.clock.now());
  await reconcileBranch(deps, project, key, {
    ...{ read, trigger },
    aspect: deleted ? 'deleted' : noCommit.test(before) ? 'created' : 'head',
    // Another event has already reported this commit. If that one was stale, the comparison finds it.
    isKnown: ({ isOpen, head }) => (deleted ? !isOpen && head === undefined : isOpen && head === after),
    fresh: mayBeBehind ? { replaced: before } : {},
  });
}
