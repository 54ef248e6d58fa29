import type { Project } from '../../core/model/project.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import type { RunState } from '../../core/model/run-state.ts';
import type { Stack } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GithubApp, Octokit } from './github-app.ts';

/** The state that a deployment shows for a run on its stack. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive';

/** Shows on GitHub which commit has which stack: an environment for each stack, a deployment for each run on it. */
export interface GithubDeployments {
  /** Makes the run's deployment say this. @returns what to remember of it. */
  show(
    run: Run,
    target: GithubTarget,
    state: DeploymentState,
  ): Promise<NonNullable<GithubTarget['deployment']>>;
  /** Marks the deployments of a released stack inactive. */
  retire(stack: Stack, project: Project): Promise<void>;
}

/** Names the environment of a stack. */
function environmentOf(stackName: string): string {
  return `berth/${stackName}`;
}

const states: Partial<Record<RunState, DeploymentState>> = {
  provisioning: 'in_progress',
  running: 'in_progress',
  succeeded: 'success',
  failed: 'failure',
  errored: 'failure',
  timed_out: 'failure',
  cancelled: 'inactive',
};

/** @returns undefined for a run that deploys nothing that can be seen: without a stack, without a URL, a teardown. */
export function deploymentStateOf({ held, spec, state }: Run): DeploymentState | undefined {
  const isSeen = held !== undefined && spec.stack?.url !== undefined && spec.teardownOf === undefined;
  return isSeen ? states[state] : undefined;
}

/** How long an environment without a deployment is taken to have none. */
const emptySeconds = 600;

export function githubDeployments({ github, clock }: { github: GithubApp; clock: Clock }): GithubDeployments {
  const emptyUntil = new Map<string, Date>();
  return {
    async show(run, target, state) {
      const { held } = run;
      if (held === undefined) return { state };
      const { owner, repo } = target;
      emptyUntil.delete(`${target.repositoryId} ${environmentOf(held.stackName)}`);
      return github.asInstallation(target.installationId, async (octokit) => {
        const id =
          target.deployment?.id ?? (await create(octokit, run, target, environmentOf(held.stackName)));
        // A new deployment is pending, which says as much.
        if (state === 'in_progress') return { id, state };
        const url = run.spec.stack?.url?.replaceAll('{stack}', encodeURIComponent(held.stackName));
        await octokit.rest.repos.createDeploymentStatus(
          omitUndefined({ owner, repo, deployment_id: id, state, environment_url: url }),
        );
        return { id, state };
      });
    },

    async retire(stack, project) {
      const at = project.github;
      if (at === undefined) return;
      const environment = environmentOf(stack.stackName);
      const place = `${at.repositoryId} ${environment}`;
      const now = clock.now();
      if ((emptyUntil.get(place) ?? now) > now) return;
      const where = { owner: at.owner, repo: at.name };
      await github.asInstallation(at.installationId, async (octokit) => {
        // Each later success has made the earlier ones inactive by itself, on github.com at least.
        const { data } = await octokit.rest.repos.listDeployments({ ...where, environment, per_page: 10 });
        if (data.length === 0) emptyUntil.set(place, new Date(now.getTime() + emptySeconds * 1000));
        for (const { id } of data) {
          const deployment = { ...where, deployment_id: id };
          const statuses = await octokit.rest.repos.listDeploymentStatuses({ ...deployment, per_page: 1 });
          if (statuses.data[0]?.state === 'inactive') continue;
          await octokit.rest.repos.createDeploymentStatus({ ...deployment, state: 'inactive' });
        }
      });
    },
  };
}

async function create(
  octokit: Octokit,
  run: Run,
  target: GithubTarget,
  environment: string,
): Promise<number> {
  const made = await octokit.rest.repos.createDeployment({
    owner: target.owner,
    repo: target.repo,
    ref: target.headSha,
    environment,
    description: `Tests of ${run.spec.suite}`.slice(0, 140),
    payload: { runId: run.id },
    auto_merge: false,
    // Otherwise GitHub waits for all checks of the commit, including Berth's.
    required_contexts: [],
  });
  // A 202 says that GitHub merged the base branch instead, which `auto_merge: false` rules out.
  if (!('id' in made.data)) throw new Error(`GitHub made no deployment: ${made.data.message}`);
  return made.data.id;
}
