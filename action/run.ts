import type { Workflow, WorkflowStatus } from '../app/client/api-types.ts';
import { annotateFailures } from './annotate-failures.ts';
import { cancelUnlessEnded } from './cancel.ts';
import { Cancelled } from './cancelled.ts';
import { errorText } from './error-text.ts';
import { type FollowOptions, followRun, isEnd } from './follow-run.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { setAll, setRunOutputs } from './outputs.ts';
import type { RunDeps } from './run-deps.ts';
import type { Conclusion, RunSettings, Showing, StatusSettings, WaitForStack } from './settings-types.ts';
import { noStack } from './stacks.ts';
import { runSummary } from './summary.ts';

export const cancelReason = 'The GitHub workflow stopped waiting for this run.';

/** The runner kills a step 10 seconds after it cancels it. */
const cancelPatienceMs = 4_000;
const cancelWaitMs = 4_000;

/**
 * Starts a run and follows it until it ends.
 *
 * @returns why the step fails; undefined if it passes.
 */
export async function run(deps: RunDeps, settings: RunSettings): Promise<string | undefined> {
  const { api, host, state } = deps;
  const { request } = settings;
  // The environment does not belong in the log.
  host.info(`Testing ${request.sha ?? 'the newest commit'} of ${request.branch} (${request.repo_url}).`);
  const key = idempotencyKey(settings);
  state.requesting({ request, idempotencyKey: key });
  // Without the signal: a run whose ID is not known could not be canceled.
  const { workflow_id: id, run_url: url } = await api.startRun({ ...request, idempotency_key: key });
  state.run(id);
  setAll(host, { 'workflow-id': id, 'run-url': url });
  host.info(`Run ${id}: ${url}`);
  if (!settings.wait) {
    state.runDone();
    setRunOutputs(host, await api.run(id));
    return undefined;
  }
  if (settings.github !== undefined) await deps.github.show(await api.run(id), settings.annotations);
  return followOwn(deps, id, settings, settings.waitForStack);
}

/** Shows a run that another step started. */
export async function status(deps: RunDeps, settings: StatusSettings): Promise<string | undefined> {
  const { api, host, signal } = deps;
  if (settings.wait) return finish(deps, await follow(deps, settings.workflowId, settings), settings);
  const current = await api.run(settings.workflowId, { signal });
  if (isEnd(current.state)) return finish(deps, current, settings);
  host.info(`Run ${current.workflow_id} is ${current.state}: ${current.run_url}`);
  setRunOutputs(host, current);
  return undefined;
}

/** Follows a run of this step, and cancels it with the workflow. */
async function followOwn(
  deps: RunDeps,
  id: string,
  settings: Showing,
  waitForStack: WaitForStack,
): Promise<string | undefined> {
  let current = id;
  const check = stackTimeout(deps, waitForStack);
  const onRetry = (retried: string): void => {
    current = retried;
    deps.state.run(retried);
  };
  try {
    const ended = await follow(deps, id, settings, { check, onRetry });
    deps.state.runDone();
    return await finish(deps, ended, settings);
  } catch (error) {
    if (!(error instanceof Cancelled) && !(error instanceof NoStack)) throw error;
    await deps.view.close();
    await cancelOwn(deps, current, settings);
    return error.message;
  }
}

async function follow(
  deps: RunDeps,
  id: string,
  { logs }: Showing,
  options: Omit<FollowOptions, 'showsOutput'> = {},
): Promise<Workflow> {
  const ended = await followRun(deps, id, { ...options, showsOutput: logs === 'stream' });
  if (logs === 'on-failure' && ended.conclusion !== 'success') {
    await followRun(deps, ended.workflow_id, { showsOutput: true });
  }
  await deps.view.close();
  return ended;
}

/** Shows the result of a run everywhere. @returns why the step fails. */
async function finish(deps: RunDeps, ended: Workflow, settings: Showing): Promise<string | undefined> {
  const { host } = deps;
  const sentence = ended.summary ?? `The run ended as ${ended.state}.`;
  setRunOutputs(host, ended);
  const isAnnotated = await deps.github.show(ended, settings.annotations);
  if (!isAnnotated) annotateFailures(host, ended, settings.annotations);
  for (const { message } of ended.warnings) host.warning(message);
  host.info(sentence);
  if (ended.report_url !== null) host.info(`Report: ${ended.report_url}`);
  if (settings.summary) await appendSummary(host, ended);
  return fails(ended.conclusion, settings.failOn) ? `${sentence} ${ended.run_url}` : undefined;
}

/** A summary that cannot be written does not change the result. */
async function appendSummary(host: RunDeps['host'], ended: Workflow): Promise<void> {
  try {
    await host.appendSummary(runSummary(ended));
  } catch (error) {
    host.warning(`The job summary could not be written: ${errorText(error)}`);
  }
}

function fails(conclusion: Conclusion | null, failOn: ReadonlySet<Conclusion>): boolean {
  return conclusion !== null && failOn.has(conclusion);
}

class NoStack extends Error {
  override readonly name = 'NoStack';
}

/** @returns a check that throws if a run waits longer for a stack than the step allows. */
function stackTimeout({ host }: RunDeps, waitForStack: WaitForStack): (status: WorkflowStatus) => void {
  const startedAt = host.now();
  const limitMs = waitForStack === true ? Number.POSITIVE_INFINITY : Number(waitForStack) * 1000;
  return ({ state, waiting }) => {
    if (state !== 'waiting' || (waiting?.reason !== 'line' && waiting?.reason !== 'turn')) return;
    if (host.now() - startedAt >= limitMs) throw new NoStack(noStack);
  };
}

/** Cancels the run of this step, and waits until it ends, as long as the runner allows. */
async function cancelOwn(deps: RunDeps, id: string, settings: Showing): Promise<void> {
  const { api, host, state } = deps;
  host.info(`Canceling run ${id}.`);
  try {
    await cancelUnlessEnded(api, id, { patienceMs: cancelPatienceMs, reason: cancelReason });
    // From here on Berth ends the run.
    state.runDone();
    const until = host.now() + cancelWaitMs;
    let current = await api.run(id, { patienceMs: 0 });
    while (!isEnd(current.state) && host.now() < until) {
      await host.pause(500);
      current = await api.run(id, { patienceMs: 0 });
    }
    setRunOutputs(host, current);
    if (settings.summary) await appendSummary(host, current);
    if (isEnd(current.state)) await deps.github.show(current, settings.annotations);
  } catch (error) {
    host.info(`${errorText(error)} The post step tries again to cancel the run.`);
  }
}
