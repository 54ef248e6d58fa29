import type { RepositoryAddress } from '../../ports/github.ts';
import type { StoreClockDeps } from '../deps.ts';
import { type ProjectId, projectId } from '../model/ids.ts';
import { type GithubRepository, type Project, projectSettingsSchema } from '../model/project.ts';
import { unlessLost } from '../model/retry-lost-race.ts';
import { wantsTeardown } from '../model/stack.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { changeStack } from '../stacks/change-stack.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { suspendedReason } from './project-of.ts';

/** A project that is a repository on GitHub. */
export type GithubProject = Project & { readonly github: GithubRepository };

export function isOnGithub(project: Project): project is GithubProject {
  return project.github !== undefined;
}

export function githubProjectId(repositoryId: number): ProjectId {
  return projectId(`gh-${repositoryId}`);
}

export function addressOf({ github }: Pick<GithubProject, 'github'>): RepositoryAddress {
  const { installationId, repositoryId, owner, name } = github;
  return { installationId, repositoryId, owner, repo: name };
}

/** Longer than it takes to set up a new project. */
const setUpMilliseconds = 60_000;

/** Whether version 0.1.0 created the project: later versions apply the settings of its pool when they create it. */
export function wasUpgraded({ created, poolAppliedAt }: Project, now: Date): boolean {
  return (poolAppliedAt ?? now).getTime() - created.getTime() > setUpMilliseconds;
}

type ProjectDeps = StoreClockDeps;

/**
 * Finds the project of a repository, creates it if it does not exist, and updates its labels. The repository's number is
 * its identity, so renaming and transferring change nothing else.
 *
 * @param seen the project, if the caller has just read it.
 */
export async function ensureProject(
  deps: ProjectDeps,
  github: GithubRepository,
  seen?: Project,
): Promise<{ project: GithubProject; created: boolean }> {
  const id = githubProjectId(github.repositoryId);
  const name = `${github.owner}/${github.name}`;
  const now = deps.clock.now();
  for (let tries = 0; ; tries += 1) {
    const known = (tries === 0 ? seen : undefined) ?? (await deps.store.projects.get(id));
    if (known === undefined) {
      const made = {
        id,
        name,
        settings: projectSettingsSchema.parse({}),
        created: now,
        modified: now,
        github,
      };
      if (await deps.store.projects.create(made)) return { project: made, created: true };
      continue;
    }
    if (known.name === name && sameRepository(known.github, github))
      return { project: { ...known, github }, created: false };
    const changed = { ...known, name, github, modified: now };
    if (await replaced(deps, known, changed)) return { project: changed, created: false };
  }
}

/**
 * Suspends a project whose repository the App may no longer act for, or resumes it. A suspended project runs and holds
 * nothing; its branches stay unchanged, and begin a new epoch when it is resumed.
 */
export async function setProjectSuspended(
  deps: LineDeps,
  repositoryId: number,
  isSuspended: boolean,
): Promise<void> {
  const project = await deps.store.projects.get(githubProjectId(repositoryId));
  if (project === undefined) return;
  if ((project.suspendedAt !== undefined) !== isSuspended) {
    const { suspendedAt: _, ...active } = project;
    const now = deps.clock.now();
    // Before the project is active again: a crash in between repeats it.
    if (!isSuspended) await Promise.all([reopenBranches(deps, project), retryTeardowns(deps, project)]);
    const changed = { ...active, modified: now, ...(isSuspended ? { suspendedAt: now } : {}) };
    if (!(await replaced(deps, project, changed)))
      return setProjectSuspended(deps, repositoryId, isSuspended);
  }
  if (isSuspended) await endAll(deps, project);
}

async function reopenBranches({ store, clock }: StoreClockDeps, project: Project): Promise<void> {
  for (const branch of await store.branches.listOpen(project.id))
    await store.branches.save({
      ...branch,
      attempts: 0,
      epoch: branch.epoch + 1,
      isWoken: true,
      dueAt: clock.now(),
    });
}

/** A teardown cannot fetch its commit while the App may not read the repository. */
async function retryTeardowns({ store, clock }: StoreClockDeps, project: Project): Promise<void> {
  const now = clock.now();
  for (const seen of await store.stacks.list(project.id)) {
    if (seen.dirty === undefined || !wantsTeardown(seen)) continue;
    await changeStack(store.stacks, seen, (stack) =>
      stack.dirty === undefined || stack.hold !== undefined
        ? undefined
        : { ...stack, dirty: { ...stack.dirty, attempts: 0, retryAt: now }, checkAt: now },
    );
  }
}

/**
 * Ends the runs and the holds of a suspended project. The comparison repeats it: a request from before the project was suspended
 * may have started a run after it. A teardown is left to end itself.
 */
export async function endAll(deps: LineDeps, project: Project): Promise<void> {
  for (const { id, spec } of await deps.store.runs.listActive(project.id))
    if (spec.teardownOf === undefined) await cancelRun(deps, { id, reason: suspendedReason });
  for (const { hold } of await deps.store.stacks.list(project.id)) {
    if (hold !== undefined && /^(pr|branch):/.test(hold.holder))
      await releaseHolder(deps, project, hold.holder, { whenIdle: true });
  }
}

function sameRepository(a: GithubRepository | undefined, b: GithubRepository): boolean {
  return (
    a !== undefined &&
    a.installationId === b.installationId &&
    a.owner === b.owner &&
    a.name === b.name &&
    a.defaultBranch === b.defaultBranch
  );
}

async function replaced(deps: ProjectDeps, from: Project, to: Project): Promise<boolean> {
  return (await unlessLost(() => deps.store.projects.replace(from, to).then(() => true))) === true;
}
