import type { Project } from '../../core/model/project.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import type { RunState } from '../../core/model/run-state.ts';
import type { Stack } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubApp, Octokit } from './github-app.ts';

/** What a deployment says of a run that has its stack; undefined where there is nothing to say. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive';

/** Shows on GitHub which commit has which stack: an environment for each stack, a deployment for each run on it. */
export interface GithubDeployments {
  /** Makes the run's deployment say this. Idempotent: one that an earlier call made is found again. */
  show(run: Run, target: GithubTarget, state: DeploymentState): Promise<void>;
  /** The stack was given back: nothing is deployed there any more. */
  retire(stack: Stack, project: Project): Promise<void>;
}

/** The environment that stands for a stack. */
export function environmentOf(stackName: string): string {
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

/** @returns undefined for a run without a stack, and for a teardown: they deploy nothing. */
export function deploymentStateOf(run: Run): DeploymentState | undefined {
  return run.held === undefined || run.spec.teardownOf !== undefined ? undefined : states[run.state];
}

export function githubDeployments({ github }: { github: GithubApp }): GithubDeployments {
  return {
    async show(run, target, state) {
      const { held } = run;
      if (held === undefined) return;
      const { owner, repo } = target;
      await github.asInstallation(target.installationId, async (octokit) => {
        const id = await findOrCreate(octokit, run, target, environmentOf(held.stackName));
        const url = run.spec.stack?.url?.replaceAll('{stack}', encodeURIComponent(held.stackName));
        await octokit.rest.repos.createDeploymentStatus(
          omitUndefined({
            owner,
            repo,
            deployment_id: id,
            state,
            environment_url: url,
          }),
        );
      });
    },

    async retire(stack, project) {
      const at = project.github;
      if (at === undefined) return;
      const where = { owner: at.owner, repo: at.name };
      await github.asInstallation(at.installationId, async (octokit) => {
        const environment = environmentOf(stack.stackName);
        // The newest: each later success has made the earlier ones inactive by itself.
        const { data } = await octokit.rest.repos.listDeployments({ ...where, environment, per_page: 10 });
        for (const { id } of data) {
          const statuses = await octokit.rest.repos.listDeploymentStatuses({
            ...where,
            deployment_id: id,
            per_page: 1,
          });
          if (statuses.data[0]?.state === 'inactive') continue;
          await octokit.rest.repos.createDeploymentStatus({ ...where, deployment_id: id, state: 'inactive' });
        }
      });
    },
  };
}

async function findOrCreate(
  octokit: Octokit,
  run: Run,
  target: GithubTarget,
  environment: string,
): Promise<number> {
  const where = { owner: target.owner, repo: target.repo };
  const { data } = await octokit.rest.repos.listDeployments({
    ...where,
    environment,
    sha: target.headSha,
    per_page: 100,
  });
  const found = data.find(({ payload }) => runIdOf(payload) === run.id);
  if (found !== undefined) return found.id;
  const made = await octokit.rest.repos.createDeployment({
    ...where,
    ref: target.headSha,
    environment,
    description: `Tests of ${run.spec.suite}`.slice(0, 140),
    payload: { runId: run.id },
    auto_merge: false,
    // Otherwise GitHub waits for all checks of the commit, ours included.
    required_contexts: [],
  });
  // A 202 says that GitHub merged the base branch instead, which `auto_merge: false` rules out.
  if (!('id' in made.data)) throw new Error(`GitHub made no deployment: ${made.data.message}`);
  return made.data.id;
}

/** GitHub gives the payload back as it was sent, or as its JSON. */
function runIdOf(payload: unknown): unknown {
  if (typeof payload === 'string') {
    try {
      return runIdOf(JSON.parse(payload));
    } catch {
      // Somebody else's payload.
      return undefined;
    }
  }
  return typeof payload === 'object' && payload !== null && 'runId' in payload ? payload.runId : undefined;
}
