import { createHash } from 'node:crypto';
import type { CheckAnnotation, CheckView } from '../../core/model/check-view.ts';
import { BerthError, TryLater } from '../../core/model/errors.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import type { Checks } from '../../ports/checks.ts';
import type { Logger } from '../../ports/logger.ts';
import { type DeploymentState, deploymentStateOf, type GithubDeployments } from './deployments.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { statusOf } from './rate-gate.ts';

export interface CheckRunOptions {
  readonly github: GithubApp;
  readonly log: Logger;
  /** Renders what the check of a run shows. */
  readonly viewOf: (run: Run) => Promise<CheckView>;
  /** Also shows which stack the commit has; absent: deployments are not written. */
  readonly deployments?: GithubDeployments;
  /** Whether the project wants deployments to be written. */
  readonly wantsDeployments?: (run: Run) => Promise<boolean>;
}

/** As many annotations as one call takes; more are added by further calls. */
const annotationsPerCall = 50;

/** Shows runs as check runs on GitHub. */
export function githubChecks(options: CheckRunOptions): Checks {
  const { github, log, viewOf } = options;
  const turns = inTurns();
  return {
    publish: (run, target) => turns(run.id, () => publish(run, target)),
  };

  async function publish(run: Run, target: GithubTarget): ReturnType<Checks['publish']> {
    const view = await viewOf(run);
    const deployment = deploymentStateOf(run);
    const published = fingerprint(view, deployment);
    if (target.published === published) return { target };
    try {
      const checkRunId = await github.asInstallation(target.installationId, (octokit) =>
        show(octokit, run, target, view),
      );
      if (deployment !== undefined) await showDeployment(options, run, target, deployment);
      return { target: { ...target, checkRunId, published } };
    } catch (error) {
      if (error instanceof TryLater) return { target, retryAt: error.at };
      if (!isFinal(error)) throw error;
      // The repository, the commit or the installation is gone, or refuses: asking again changes nothing.
      log.warn({ runId: run.id, err: error }, 'GitHub does not take the check run');
      return { target: { ...target, published } };
    }
  }
}

/** Two looks at one run at once would each make what neither finds: within this process they take turns. */
function inTurns(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const latest = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = latest.get(key);
    const mine = (async () => {
      // How the one before ended is told to whoever asked for it.
      await before?.catch(() => undefined);
      return await work();
    })();
    latest.set(key, mine);
    try {
      return await mine;
    } finally {
      if (latest.get(key) === mine) latest.delete(key);
    }
  };
}

/** What equals in this was told already. */
function fingerprint(view: CheckView, deployment: DeploymentState | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([view, deployment]))
    .digest('hex')
    .slice(0, 16);
}

async function showDeployment(
  { deployments, wantsDeployments, log }: CheckRunOptions,
  run: Run,
  target: GithubTarget,
  state: DeploymentState,
): Promise<void> {
  if (deployments === undefined || (await wantsDeployments?.(run)) === false) return;
  try {
    await deployments.show(run, target, state);
  } catch (error) {
    if (error instanceof TryLater || !isFinal(error)) throw error;
    // An App that was not given the permission for deployments still shows its checks.
    log.warn({ runId: run.id, err: error }, 'GitHub does not take the deployment');
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof BerthError) return error.code === 'project_suspended';
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 408;
}

async function show(octokit: Octokit, run: Run, target: GithubTarget, view: CheckView): Promise<number> {
  const { owner, repo } = target;
  const body = bodyOf(view);
  const known = target.checkRunId ?? (await findCheckRun(octokit, run, target, view.name));
  const batches = inBatches(view.annotations);
  const [first = []] = batches;
  if (known === undefined) {
    const { data } = await octokit.rest.checks.create({
      owner,
      repo,
      head_sha: target.headSha,
      external_id: run.id,
      ...body,
      output: { ...body.output, annotations: first },
    });
    await addAnnotations(octokit, target, data.id, body.output, batches.slice(1));
    return data.id;
  }
  // Annotations are added to those that are there: after a crash between two calls only the missing ones are sent.
  const there = view.annotations.length === 0 ? 0 : await countAnnotations(octokit, target, known);
  const missing = inBatches(view.annotations.slice(there));
  await octokit.rest.checks.update({
    owner,
    repo,
    check_run_id: known,
    ...body,
    output: { ...body.output, annotations: missing[0] ?? [] },
  });
  await addAnnotations(octokit, target, known, body.output, missing.slice(1));
  return known;
}

/** The check run that an earlier call made whose answer was lost. */
async function findCheckRun(
  octokit: Octokit,
  run: Run,
  { owner, repo, headSha }: GithubTarget,
  name: string,
): Promise<number | undefined> {
  const options = octokit.rest.checks.listForRef.endpoint.merge({
    owner,
    repo,
    ref: headSha,
    check_name: name,
    filter: 'all',
    per_page: 100,
  });
  for await (const { data } of octokit.paginate.iterator<{ id: number; external_id?: string | null }>(
    options,
  )) {
    const found = data.find(({ external_id }) => external_id === run.id);
    if (found !== undefined) return found.id;
  }
  return undefined;
}

async function countAnnotations(
  octokit: Octokit,
  { owner, repo }: GithubTarget,
  id: number,
): Promise<number> {
  const { data } = await octokit.rest.checks.get({ owner, repo, check_run_id: id });
  return data.output.annotations_count;
}

type Output = ReturnType<typeof bodyOf>['output'];

async function addAnnotations(
  octokit: Octokit,
  { owner, repo }: GithubTarget,
  checkRunId: number,
  { title, summary, text }: Output,
  batches: readonly ReturnType<typeof annotationBody>[][],
): Promise<void> {
  for (const annotations of batches) {
    // Without the texts this call would take them away.
    const output = { title, summary, ...(text === undefined ? {} : { text }), annotations };
    await octokit.rest.checks.update({ owner, repo, check_run_id: checkRunId, output });
  }
}

function inBatches(annotations: readonly CheckAnnotation[]): ReturnType<typeof annotationBody>[][] {
  const bodies = annotations.map(annotationBody);
  return Array.from({ length: Math.ceil(bodies.length / annotationsPerCall) }, (_, index) =>
    bodies.slice(index * annotationsPerCall, (index + 1) * annotationsPerCall),
  );
}

const annotationBody = ({ path, line, level, title, message, details }: CheckAnnotation) => ({
  path,
  start_line: line,
  end_line: line,
  annotation_level: level,
  title,
  message,
  ...(details === undefined ? {} : { raw_details: details }),
});

function bodyOf(view: CheckView) {
  return {
    name: view.name,
    details_url: view.detailsUrl,
    // A conclusion says that it is completed; a status beside it would be said twice.
    ...(view.conclusion === undefined ? { status: view.status } : { conclusion: view.conclusion }),
    ...(view.startedAt === undefined ? {} : { started_at: view.startedAt.toISOString() }),
    ...(view.completedAt === undefined ? {} : { completed_at: view.completedAt.toISOString() }),
    output: {
      title: view.title,
      summary: view.summary,
      ...(view.text === '' ? {} : { text: view.text }),
    },
    actions: [...view.actions],
  };
}
