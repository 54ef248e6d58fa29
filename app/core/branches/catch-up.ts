import { later } from '../../lib/later.ts';
import type { GithubDeps } from '../deps.ts';
import { TryLater } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import { endAll } from '../projects/github-project.ts';
import { githubProjects, reconcileInstallation } from '../projects/reconcile-installation.ts';
import { compareRepository, type RepositoryDeps } from './compare-repository.ts';

/** GitHub keeps failed deliveries for three days. */
const lookBackSeconds = 3 * 24 * 3600;

/**
 * Finds missed events: requests redelivery of failed deliveries, and compares the repositories of each installation, and the branches
 * and pull requests of each repository, with the stored state. Runs on start, and every ten minutes. A failure
 * of one does not stop the others.
 *
 * @returns the number of missed changes.
 */
export async function catchUp(deps: RepositoryDeps): Promise<{ redelivered: number; branches: number }> {
  const guarded = async <Result>(about: object, work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      const level = error instanceof TryLater ? 'info' : 'warn';
      deps.log[level]({ ...about, err: error }, 'the comparison with GitHub failed; it will be retried');
      return undefined;
    }
  };
  const since = later(deps.clock.now(), -lookBackSeconds);
  const redelivered = (await guarded({}, () => deps.github.deliveries.redeliverFailed(since))) ?? 0;
  const installations = await installationIds(deps, guarded);
  for (const installationId of installations)
    await guarded({ installationId }, () => reconcileInstallation(deps, installationId));
  let branches = 0;
  for await (const project of githubProjects(deps)) {
    if (project.suspendedAt !== undefined) {
      await guarded({ project: project.id }, () => endSuspended(deps, project.id));
      continue;
    }
    branches += (await guarded({ project: project.id }, () => compareRepository(deps, project))) ?? 0;
  }
  return { redelivered, branches };
}

async function endSuspended(deps: RepositoryDeps, id: ProjectId): Promise<void> {
  // Read again: the comparison before may have taken minutes.
  const project = await deps.store.projects.get(id);
  if (project?.suspendedAt !== undefined) await endAll(deps, project);
}

/** The repositories that GitHub lists, and the stored ones: a removed repository is only among the latter. */
async function installationIds(
  deps: Pick<GithubDeps, 'store' | 'github'>,
  guarded: <Result>(about: object, work: () => Promise<Result>) => Promise<Result | undefined>,
): Promise<ReadonlySet<number>> {
  const ids = new Set(await guarded({}, () => deps.github.repositories.listInstallations()));
  for await (const { github, suspendedAt } of githubProjects(deps))
    if (suspendedAt === undefined) ids.add(github.installationId);
  return ids;
}
