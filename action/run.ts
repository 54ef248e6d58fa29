import { annotateFailures } from './annotate-failures.ts';
import { Cancelled } from './api-error.ts';
import type { Conclusion, Workflow, WorkflowStatus } from './berth-api.ts';
import { type FollowDeps, type FollowOptions, followRun, isEnd } from './follow-run.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { setAll, setRunOutputs } from './outputs.ts';
import type { RunSettings, Showing, StatusSettings, WaitForStack } from './settings.ts';
import type { StateWriter } from './step-state.ts';
import { runSummary } from './summary.ts';

export interface RunDeps extends FollowDeps {
  readonly state: StateWriter;
}

/** Within what is left between the runner's first signal and its last, 10 seconds later. */
const cancelPatienceMs = 4_000;
const cancelWaitMs = 4_000;

/**
 * Starts a run and shows it to its end.
 *
 * @returns why the step fails; undefined where it does not.
 */
export async function run(deps: RunDeps, settings: RunSettings): Promise<string | undefined> {
  const { client, host, state } = deps;
  const { request } = settings;
  // The request says more than a person wants to read, and its environment is not for every log.
  host.info(`Testing ${request.sha ?? 'the newest commit'} of ${request.branch} (${request.repo_url}).`);
  const key = idempotencyKey(settings);
  state.asking({ request, idempotencyKey: key });
  // Not called off by a cancellation: a run that was made and is not known could not be cancelled.
  const started = await client.start(request, key);
  state.run(started.workflow_id);
  setAll(host, { 'workflow-id': started.workflow_id, 'run-url': started.run_url });
  host.info(`Run ${started.workflow_id}: ${started.run_url}`);
  if (!settings.wait) {
    state.runDone();
    setRunOutputs(host, await client.workflow(started.workflow_id));
    return undefined;
  }
  return attend(deps, started.workflow_id, settings, settings.waitForStack);
}

/** Shows a run that was started elsewhere. */
export async function status(deps: RunDeps, settings: StatusSettings): Promise<string | undefined> {
  const { client, host, signal } = deps;
  if (settings.wait) return finish(deps, await follow(deps, settings.workflowId, settings), settings);
  const seen = await client.workflow(settings.workflowId, { signal });
  if (isEnd(seen.state)) return finish(deps, seen, settings);
  host.info(`Run ${seen.workflow_id} is ${seen.state}: ${seen.run_url}`);
  setRunOutputs(host, seen);
  return undefined;
}

/** Follows a run that is ours: it is cancelled with the workflow. */
async function attend(
  deps: RunDeps,
  id: string,
  settings: Showing,
  waitForStack: WaitForStack,
): Promise<string | undefined> {
  let current = id;
  const check = stackPatience(deps, waitForStack);
  const onRetry = (run: string): void => {
    current = run;
    deps.state.run(run);
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

/** Says how the run ended, everywhere where somebody may look. @returns why the step fails. */
async function finish({ host }: RunDeps, ended: Workflow, settings: Showing): Promise<string | undefined> {
  const sentence = ended.summary ?? `The run ended as ${ended.state}.`;
  setRunOutputs(host, ended);
  annotateFailures(host, ended, settings.annotations);
  for (const { message } of ended.warnings) host.warning(message);
  host.info(sentence);
  if (ended.report_url !== null) host.info(`Report: ${ended.report_url}`);
  if (settings.summary) await appendSummary(host, ended);
  return fails(ended.conclusion, settings.failOn) ? `${sentence} ${ended.run_url}` : undefined;
}

/** A result that cannot be shown everywhere is still a result. */
async function appendSummary(host: RunDeps['host'], ended: Workflow): Promise<void> {
  try {
    await host.appendSummary(runSummary(ended));
  } catch (error) {
    host.warning(
      `The job summary could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function fails(conclusion: Conclusion | null, failOn: ReadonlySet<Conclusion>): boolean {
  return conclusion !== null && failOn.has(conclusion);
}

class NoStack extends Error {
  override readonly name = 'NoStack';
}

/** @returns throws where a run waits longer for a stack than the step wants to. */
function stackPatience({ host }: RunDeps, waitForStack: WaitForStack): (status: WorkflowStatus) => void {
  const begun = host.now();
  const limitMs = waitForStack === true ? Number.POSITIVE_INFINITY : Number(waitForStack) * 1000;
  return ({ state, waiting }) => {
    if (state !== 'waiting' || (waiting?.reason !== 'line' && waiting?.reason !== 'turn')) return;
    if (host.now() - begun < limitMs) return;
    throw new NoStack('No stack is free, and wait-for-stack does not let this step wait longer.');
  };
}

/** Cancels the run that we were following, and stays for its end as long as the runner lets us. */
async function cancelOwn(deps: RunDeps, id: string, settings: Showing): Promise<void> {
  const { client, host, state } = deps;
  host.info(`Cancelling run ${id}.`);
  try {
    await client.cancel(id, { patienceMs: cancelPatienceMs });
    // Berth sees to it from here on.
    state.runDone();
    const until = host.now() + cancelWaitMs;
    let seen = await client.workflow(id, { patienceMs: 0 });
    while (!isEnd(seen.state) && host.now() < until) {
      await host.pause(500);
      seen = await client.workflow(id, { patienceMs: 0 });
    }
    setRunOutputs(host, seen);
    if (settings.summary) await appendSummary(host, seen);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    host.info(`${reason} The post step tries again to cancel the run.`);
  }
}
