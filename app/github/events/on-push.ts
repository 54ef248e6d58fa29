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

/** A branch was deleted: nothing runs for it, and its stack is available. */
export async function onDelete(deps: EventDeps, payload: Context<'delete'>['payload']): Promise<void> {
  if (payload.ref_type !== 'branch') return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  await reconcileBranch(deps, project, ownBranch(project, payload.ref), {
    aspect: 'deleted',
    // The push event of the deletion has already reported it.
    isKnown: ({ isOpen, head }) => !isOpen && head === undefined,
  });
}

type Payload = Context<'merge_group.checks_requested' | 'merge_group.destroyed'>['payload'];

/** A merge queue added or removed a group. The group is a branch like any other. */
export async function onMergeGroup(deps: EventDeps, payload: Payload): Promise<void> {
  if (payload.repository === undefined) return;
  const { repository, merge_group: group } = payload;
  const project = await projectOfEvent(deps, { ...payload, repository });
  if (project === undefined) return;
  const key = ownBranch(project, group.head_ref.replace(/^refs\/heads\//, ''));
  await reconcileBranch(deps, project, key, {
    trigger: { kind: 'merge_group', ...actorOf(payload) },
    aspect: 'head',
    ...(payload.action === 'destroyed' ? { endedAt: group.head_sha } : {}),
  });
}
