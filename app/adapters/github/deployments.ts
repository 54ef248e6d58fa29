import type { Project } from '../../core/model/project.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import type { RunState } from '../../core/model/run-state.ts';
import type { Stack } from '../../core/model/stack.ts';
import { deployUrl } from '../../core/model/stack-deploy.ts';
import { keyedQueue } from '../../lib/keyed-queue.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { statusOf } from './rate-gate.ts';

/** The state that a deployment shows for a run on its stack. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive';

/** Shows on GitHub which commit has which stack: an environment for each stack, a deployment for each commit on it. */
export interface GithubDeployments {
  /** Updates the deployment of the run. @returns what to store about it. */
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

/** @returns undefined for a run that has no deployment: without a stack, a teardown, a suite without its own URL. */
export function deploymentStateOf({ held, spec, state, deployed }: Run): DeploymentState | undefined {
  if (held === undefined || spec.teardownOf !== undefined) return undefined;
  if (spec.deploy !== undefined) return deployed === undefined ? states[state] : 'success';
  // The deployments of a suite that has `deploy` show what it tests.
  return spec.stack?.url === undefined || spec.deploys !== undefined ? undefined : states[state];
}

/** How long Berth remembers that an environment has no deployment, or that a deployment is inactive. */
const memorySeconds = 600;
/** How long it remembers other states that it has shown. */
const shownSeconds = 3600;

export function githubDeployments({ github, clock }: { github: GithubApp; clock: Clock }): GithubDeployments {
  const emptyUntil = new Map<string, Date>();
  const shown = stateMemory(clock);
  const serialize = keyedQueue();
  return {
    async show(run, target, state) {
      const { held } = run;
      if (held === undefined) return { state };
      const { owner, repo } = target;
      emptyUntil.delete(`${target.repositoryId} ${environmentOf(held.stackName)}`);
      const environment = environmentOf(held.stackName);
      const showOn = async (octokit: Octokit, stored?: number) => {
        const known = stored ?? (await find(octokit, target, environment));
        const id = known ?? (await create(octokit, run, target, environment));
        const before = shown.recall(id);
        const isNew = known === undefined;
        if (isNew) shown.remember(id, 'in_progress');
        // Only this run shows a state of its deployment, while suites that have none share one.
        const isChanged = run.spec.deploy !== undefined && before !== undefined && before !== state;
        if (!isChanged && (await isShown(octokit, { run, target, state, id, isNew }))) return { id, state };
        const url = run.deployed?.url ?? deployUrl(run.spec.stack?.url, held.stackName, {});
        await octokit.rest.repos.createDeploymentStatus(
          omitUndefined({ owner, repo, deployment_id: id, state, environment_url: url }),
        );
        shown.remember(id, state);
        return { id, state };
      };
      const show = () =>
        github.asInstallation(target.installationId, async (octokit) => {
          try {
            return await showOn(octokit, target.deployment?.id);
          } catch (error) {
            if (statusOf(error) !== 404 || target.deployment?.id === undefined) throw error;
            // A person deleted the deployment: the commit gets another.
            return showOn(octokit);
          }
        });
      // Runs that start at the same time would each find none.
      return serialize(`${target.repositoryId} ${environment} ${target.headSha}`, show);
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
        // Each later success has already made the earlier ones inactive, at least on github.com.
        const { data } = await octokit.rest.repos.listDeployments({ ...where, environment, per_page: 10 });
        if (data.length === 0) emptyUntil.set(place, new Date(now.getTime() + memorySeconds * 1000));
        for (const { id } of data) {
          const deployment = { ...where, deployment_id: id };
          const state = shown.recall(id) ?? (await stateOf(octokit, deployment));
          if (state !== 'inactive')
            await octokit.rest.repos.createDeploymentStatus({ ...deployment, state: 'inactive' });
          shown.remember(id, 'inactive');
        }
      });
    },
  };
}

/** The last state of a deployment; undefined for one that is pending. */
async function stateOf(
  octokit: Octokit,
  deployment: { owner: string; repo: string; deployment_id: number },
): Promise<string | undefined> {
  const { data } = await octokit.rest.repos.listDeploymentStatuses({ ...deployment, per_page: 1 });
  return data[0]?.state;
}

/** The states that this process has shown or read. An old state only causes a status that changes nothing. */
function stateMemory(clock: Clock) {
  const states = new Map<number, { readonly state: DeploymentState; readonly until: number }>();
  return {
    recall: (id: number): DeploymentState | undefined => {
      const known = states.get(id);
      return known !== undefined && known.until > clock.now().getTime() ? known.state : undefined;
    },
    remember: (id: number, state: DeploymentState): void => {
      const now = clock.now().getTime();
      for (const [old, { until }] of states) if (until <= now) states.delete(old);
      // Another process may show one again that is inactive.
      const seconds = state === 'inactive' ? memorySeconds : shownSeconds;
      states.set(id, { state, until: now + seconds * 1000 });
    },
  };
}

/** The deployment of a commit on a stack, which all runs of the commit on the stack share. */
async function find(
  octokit: Octokit,
  { owner, repo, headSha }: GithubTarget,
  environment: string,
): Promise<number | undefined> {
  const where = { owner, repo, environment, sha: headSha, per_page: 1 };
  const { data } = await octokit.rest.repos.listDeployments(where);
  return data[0]?.id;
}

/** Whether a deployment already shows a state. A new one is pending, which means the same as in progress. */
async function isShown(
  octokit: Octokit,
  shown: { run: Run; target: GithubTarget; state: DeploymentState; id: number; isNew: boolean },
): Promise<boolean> {
  const { run, target, state, id, isNew } = shown;
  // The state may be the result of another suite.
  if (state === 'in_progress' && (isNew || run.spec.deploy === undefined)) return true;
  if (isNew) return false;
  const { owner, repo } = target;
  return (await stateOf(octokit, { owner, repo, deployment_id: id })) === state;
}

function descriptionOf({ spec }: Run): string {
  const text = spec.deploy === undefined ? `Tests of ${spec.suite}` : `Deployment by berth/${spec.suite}`;
  return text.slice(0, 140);
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
    description: descriptionOf(run),
    payload: { runId: run.id },
    auto_merge: false,
    // Otherwise GitHub waits for all checks of the commit, including Berth's.
    required_contexts: [],
  });
  // A 202 says that GitHub merged the base branch instead, which `auto_merge: false` rules out.
  if (!('id' in made.data)) throw new Error(`GitHub did not create a deployment: ${made.data.message}`);
  return made.data.id;
}
