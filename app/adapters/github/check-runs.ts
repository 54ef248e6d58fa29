import { createHash } from 'node:crypto';
import type { CheckAnnotation, CheckView } from '../../core/model/check-view.ts';
import { TryLater } from '../../core/model/errors.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import { isTerminal } from '../../core/model/run-state.ts';
import { isWaiting } from '../../lib/is-waiting.ts';
import { keyedQueue } from '../../lib/keyed-queue.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Checks, PublishOptions, PublishResult } from '../../ports/checks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { deploymentStateOf, type GithubDeployments } from './deployments.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { orUndefined } from './missing.ts';
import { statusOf } from './rate-gate.ts';

export interface CheckRunOptions {
  readonly github: GithubApp;
  readonly clock: Clock;
  readonly log: Logger;
  /** Renders the check of a run. */
  readonly viewOf: (run: Run) => Promise<CheckView>;
  /** Writes deployments too, which show the commit of each stack. If omitted, there are none. */
  readonly deployments?: GithubDeployments;
  /** Whether the project has deployments enabled. */
  readonly wantsDeployments?: (run: Run) => Promise<boolean>;
}

/** GitHub's limit of annotations in one call; more are added by further calls. */
const annotationsPerCall = 50;
/** The shortest time between two writes that change only the wording. */
const leastCosmeticSeconds = 1800;
/** After GitHub failed for one run of an installation, the others wait this long. */
const pauseSeconds = 5;

/** Shows runs as check runs on GitHub. */
export function githubChecks(options: CheckRunOptions): Checks {
  const { github, clock, viewOf } = options;
  const serialize = keyedQueue();
  const pausedUntil = new Map<number, Date>();
  return {
    publish: (run, target, { mayExist = false, addressed = async (stored: GithubTarget) => stored } = {}) =>
      // Two parallel passes over one run would each create the check run that neither finds.
      serialize(run.id, () => publish(run, target, { mayExist, addressed })),
  };

  async function publish(
    run: Run,
    target: GithubTarget,
    known: Required<PublishOptions>,
  ): Promise<PublishResult> {
    const shownCheck = await publishCheck(run, target, known);
    return shownCheck.retryAt === undefined
      ? await publishDeployment(options, run, shownCheck.target, known)
      : shownCheck;
  }

  async function publishCheck(
    run: Run,
    stored: GithubTarget,
    { mayExist, addressed }: Required<PublishOptions>,
  ): Promise<PublishResult> {
    const view = await viewOf(run);
    const published = fingerprint(view);
    const shown = meaningOf(view);
    if (stored.published === published && stored.replaced === undefined) return { target: stored };
    if (stored.shown === shown && !isTerminal(run.state) && !mayPolish(run, stored))
      return { target: stored };
    const target = await addressed(stored);
    const { installationId } = target;
    const paused = pausedUntil.get(installationId);
    if (paused !== undefined && isWaiting(paused, clock.now(), pauseSeconds))
      return { target, retryAt: paused };
    let known = target;
    try {
      await github.asInstallation(installationId, async (octokit) => {
        await show(octokit, run, target, {
          appId: github.appId,
          view,
          mayExist,
          // A call that GitHub delays after that must not lose it.
          onKnown(checkRunId) {
            known = { ...target, checkRunId };
          },
        });
        await concludeReplaced(octokit, target);
      });
      pausedUntil.delete(installationId);
      const { replaced: _, ...rest } = known;
      return { target: { ...rest, published, shown, publishedAt: clock.now() } };
    } catch (error) {
      if (error instanceof TryLater) return { target: known, retryAt: error.at };
      if (isOfAll(error)) pausedUntil.set(installationId, pauseEnd());
      throw error;
    }
  }

  /** Less and less often, so that a long wait costs few calls; not at all when few calls are left. */
  function mayPolish(run: Run, { publishedAt, installationId }: GithubTarget): boolean {
    if (publishedAt === undefined) return true;
    if (github.isBudgetTight(installationId)) return false;
    const age = publishedAt.getTime() - run.createdAt.getTime();
    const wait = Math.max(leastCosmeticSeconds * 1000, 4 * age);
    return clock.now().getTime() - publishedAt.getTime() >= wait;
  }

  function pauseEnd(): Date {
    return new Date(clock.now().getTime() + pauseSeconds * 1000);
  }
}

/** Whether a failure affects more than one check run: GitHub is down, or the App lacks a permission. */
function isOfAll(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 401 || status === 403;
}

/** The published facts: if they are equal, the check is up to date. */
function fingerprint(view: CheckView): string {
  return createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 16);
}

/** The facts that a reader acts on. Everything else, including the queue position, may be older. */
function meaningOf({ status, conclusion }: CheckView): string {
  return conclusion === undefined ? status : `${status} ${conclusion}`;
}

async function publishDeployment(
  options: CheckRunOptions,
  run: Run,
  stored: GithubTarget,
  publishing: Required<PublishOptions>,
): Promise<PublishResult> {
  const { deployments, wantsDeployments, log } = options;
  const state = deploymentStateOf(run);
  if (deployments === undefined || state === undefined || stored.deployment?.state === state)
    return { target: stored };
  if ((await wantsDeployments?.(run)) === false) return { target: stored };
  const target = await publishing.addressed(stored);
  try {
    return { target: { ...target, deployment: await deployments.show(run, target, state) } };
  } catch (error) {
    if (error instanceof TryLater) return { target, retryAt: error.at };
    const status = statusOf(error);
    if (status === undefined || status >= 500) throw error;
    if (status === 404 && stored.deployment?.id !== undefined) {
      // A person deleted the deployment: the commit gets another.
      const { deployment: _, ...rest } = stored;
      return publishDeployment(options, run, rest, publishing);
    }
    // An App without the permission for deployments still shows its checks.
    log.warn({ runId: run.id, err: error }, 'GitHub refused the deployment');
    return { target: { ...target, deployment: { ...target.deployment, state } } };
  }
}

/** Check runs that a newer one replaced while their run was active. */
async function concludeReplaced(
  octokit: Octokit,
  { owner, repo, replaced = [] }: GithubTarget,
): Promise<void> {
  for (const id of replaced) {
    // One that is gone needs no conclusion, and must not keep the run from being complete.
    await orUndefined(() =>
      octokit.rest.checks.update({
        owner,
        repo,
        check_run_id: id,
        conclusion: 'neutral',
        output: { title: 'Continues in a newer check run', summary: 'A newer check run shows this run.' },
        actions: [],
      }),
    );
  }
}

interface ShowOptions {
  readonly appId: number;
  readonly view: CheckView;
  readonly mayExist: boolean;
  readonly onKnown: (id: number) => void;
}

async function show(octokit: Octokit, run: Run, target: GithubTarget, options: ShowOptions): Promise<void> {
  const { appId, view, mayExist, onKnown } = options;
  const find = () => findCheckRun(octokit, run, target, { name: view.name, appId });
  const known = target.checkRunId ?? (mayExist ? await find() : undefined);
  if (known === undefined) return create(octokit, run, target, options);
  onKnown(known);
  try {
    await update(octokit, target, known, view);
  } catch (error) {
    // GitHub gives the same answer for a moment, and forever for a check run that was deleted, or that another App created.
    if (statusOf(error) !== 404 || (await find()) === known) throw error;
    await create(octokit, run, target, options);
  }
}

async function create(
  octokit: Octokit,
  run: Run,
  target: GithubTarget,
  { view, onKnown }: ShowOptions,
): Promise<void> {
  const { owner, repo } = target;
  const body = bodyOf(view);
  const [first = [], ...more] = inBatches(view.annotations);
  const { data } = await octokit.rest.checks.create({
    owner,
    repo,
    head_sha: target.headSha,
    external_id: run.id,
    ...body,
    output: { ...body.output, annotations: first },
  });
  onKnown(data.id);
  await addAnnotations(octokit, target, data.id, body.output, more);
}

async function update(octokit: Octokit, target: GithubTarget, id: number, view: CheckView): Promise<void> {
  const { owner, repo } = target;
  const body = bodyOf(view);
  // GitHub appends annotations: after a crash between two calls, only the missing ones are sent.
  const there = view.annotations.length === 0 ? 0 : await countAnnotations(octokit, target, id);
  const [first = [], ...more] = inBatches(view.annotations.slice(there));
  await octokit.rest.checks.update({
    owner,
    repo,
    check_run_id: id,
    ...body,
    output: { ...body.output, annotations: first },
  });
  await addAnnotations(octokit, target, id, body.output, more);
}

/** Finds the check run of an earlier call whose answer was lost. */
async function findCheckRun(
  octokit: Octokit,
  run: Run,
  { owner, repo, headSha, replaced = [] }: GithubTarget,
  { name, appId }: { readonly name: string; readonly appId: number },
): Promise<number | undefined> {
  const options = octokit.rest.checks.listForRef.endpoint.merge({
    owner,
    repo,
    ref: headSha,
    check_name: name,
    app_id: appId,
    filter: 'all',
    per_page: 100,
  });
  for await (const { data } of octokit.paginate.iterator<{ id: number; external_id?: string | null }>(
    options,
  )) {
    const found = data.find(({ id, external_id }) => external_id === run.id && !replaced.includes(id));
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
    // Without the texts, this call would remove them.
    const output = omitUndefined({ title, summary, text, annotations });
    await octokit.rest.checks.update({ owner, repo, check_run_id: checkRunId, output });
  }
}

function inBatches(annotations: readonly CheckAnnotation[]): ReturnType<typeof annotationBody>[][] {
  const bodies = annotations.map(annotationBody);
  return Array.from({ length: Math.ceil(bodies.length / annotationsPerCall) }, (_, index) =>
    bodies.slice(index * annotationsPerCall, (index + 1) * annotationsPerCall),
  );
}

const annotationBody = ({ path, line, level, title, message, details }: CheckAnnotation) =>
  omitUndefined({
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title,
    message,
    raw_details: details,
  });

function bodyOf(view: CheckView) {
  return {
    name: view.name,
    details_url: view.detailsUrl,
    // A conclusion implies the status `completed`.
    ...(view.conclusion === undefined ? { status: view.status } : { conclusion: view.conclusion }),
    ...omitUndefined({
      started_at: view.startedAt?.toISOString(),
      completed_at: view.completedAt?.toISOString(),
    }),
    output: {
      title: view.title,
      summary: view.summary,
      ...omitUndefined({ text: view.text === '' ? undefined : view.text }),
    },
    actions: view.actions.map((action) => ({ ...action })),
  };
}
