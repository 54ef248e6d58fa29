import type { Workflow, WorkflowStatus } from '../app/client/api-types.ts';
import type { BerthApi } from '../app/client/berth-api.ts';
import { maxLogLines } from '../app/client/run-routes.ts';
import { omitUndefined } from '../app/lib/omit-undefined.ts';
import { adaptivePause } from './adaptive-pause.ts';
import type { Host } from './host.ts';
import type { LogView } from './log-view.ts';

export interface FollowDeps {
  readonly api: BerthApi;
  readonly host: Host;
  readonly view: LogView;
  /** Fires when the workflow is canceled. */
  readonly signal: AbortSignal;
}

export interface FollowOptions {
  readonly showsOutput: boolean;
  /** Receives each state, and throws to stop following the run. */
  readonly check?: (status: WorkflowStatus) => void;
  /** Berth retries the run, as this one. */
  readonly onRetry?: (id: string) => void;
}

/** While lines arrive, the state matters little: the last page of the log says that it is the last. */
const pollStateEveryMs = 10_000;
/** A log that is incomplete this long after the end of its run stays incomplete. */
const drainLimitMs = 60_000;
/** Berth starts the retry of a failed run within this time. */
const retryLimitMs = 30_000;

/**
 * Shows a run until it ends, with the last line of its log.
 *
 * @returns the ended run; the last one, if Berth retried it.
 * @throws Cancelled when the workflow is canceled.
 */
export async function followRun(deps: FollowDeps, id: string, options: FollowOptions): Promise<Workflow> {
  await followOne(deps, id, options);
  const run = await waitForRetry(deps, id);
  if (run.retried_by === null) return run;
  await deps.view.close();
  deps.host.info(`${run.summary ?? 'The run failed.'} Berth retries it as run ${run.retried_by}.`);
  options.onRetry?.(run.retried_by);
  return followRun(deps, run.retried_by, options);
}

async function followOne(deps: FollowDeps, id: string, options: FollowOptions): Promise<void> {
  const { api, host, view, signal } = deps;
  const nextPause = adaptivePause();
  const readNext = options.showsOutput ? logReader(deps, id) : async () => noLines;
  let polledAt = 0;
  let endedAt: number | undefined;

  async function poll(): Promise<WorkflowStatus> {
    const status = await api.runStatus(id, { signal });
    polledAt = host.now();
    if (isEnd(status.state)) endedAt ??= polledAt;
    options.check?.(status);
    await show(view, status);
    return status;
  }

  for (let status = await poll(); ; ) {
    const { state } = status;
    const page = mayHaveLog(state) ? await readNext() : noLines;
    if (endedAt !== undefined) {
      if (page.complete && page.lines === 0) return;
      if (page.lines === 0 && host.now() - endedAt > drainLimitMs) {
        return view.say('The last lines of the log did not arrive in time. The dashboard shows them later.');
      }
    } else if (page.lines === 0 || page.complete || host.now() - polledAt >= pollStateEveryMs) {
      status = await poll();
    }
    const hasMore = page.isFull || (page.lines > 0 && endedAt !== undefined);
    const hasJustEnded = isEnd(status.state) && !isEnd(state);
    if (!hasMore && !hasJustEnded) {
      await host.pause(nextPause(page.lines > 0 || status.state !== state), signal);
    }
  }
}

interface Lines {
  readonly lines: number;
  /** There are probably more. */
  readonly isFull: boolean;
  readonly complete: boolean;
}

const noLines: Lines = { lines: 0, isFull: false, complete: true };

/** Large enough to read a huge log in few requests, small enough for little memory. */
const charactersPerPage = 500_000;

/** Shows a log page by page. Pages with long lines have fewer lines. */
function logReader({ api, view, signal }: FollowDeps, id: string): () => Promise<Lines> {
  let cursor: string | undefined;
  let limit = 1000;
  return async () => {
    const page = await api.logPage(id, omitUndefined({ limit, cursor }), { signal });
    cursor = page.cursor;
    const lines = page.lines.map(({ text }) => text);
    await view.output(lines);
    const isFull = lines.length >= limit;
    if (isFull) limit = fittingLimit(lines);
    return { lines: lines.length, isFull, complete: page.complete };
  };
}

function fittingLimit(lines: readonly string[]): number {
  const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const fitting = Math.floor((charactersPerPage * lines.length) / characters);
  return Math.min(Math.max(fitting, 100), maxLogLines);
}

async function waitForRetry({ api, host, signal }: FollowDeps, id: string): Promise<Workflow> {
  const startedAt = host.now();
  for (;;) {
    const run = await api.run(id, { signal });
    const isExpected = run.state === 'failed' && run.attempt <= run.retries && run.retried_by === null;
    if (!isExpected || host.now() - startedAt > retryLimitMs) return run;
    await host.pause(1000, signal);
  }
}

async function show(view: LogView, { state, stack_name: stack, waiting }: WorkflowStatus): Promise<void> {
  switch (state) {
    case 'queued':
    case 'waiting':
      await view.stage('Waiting');
      return view.say(waitText(waiting));
    case 'provisioning':
      await view.stage('Starting');
      return view.say(stack === null ? 'Starting the task.' : `Starting the task on stack ${stack}.`);
    case 'running':
      return view.stage(stack === null ? 'Running' : `Running on stack ${stack}`);
    default:
      return undefined;
  }
}

function waitText(waiting: WorkflowStatus['waiting']): string {
  switch (waiting?.reason) {
    case 'line':
      return waiting.position === null
        ? 'No stack is available.'
        : `No stack is available. Position in the queue: ${waiting.position}.`;
    case 'turn':
      return `Another run uses ${waiting.stack_name === null ? 'the stack' : `stack ${waiting.stack_name}`}.`;
    case 'capacity':
      return waiting.group == null
        ? 'No capacity is available for the task.'
        : `Other runs of the group ${waiting.group} are active.`;
    case 'deploy':
      return `Waiting for the deployment ${waiting.deploy ?? ''}.`;
    case 'suite':
      return `Waiting for the suite ${waiting.suite ?? ''}.`;
    default:
      return 'The run is queued.';
  }
}

export function isEnd(state: WorkflowStatus['state']): boolean {
  return !['queued', 'waiting', 'provisioning', 'running'].includes(state);
}

function mayHaveLog(state: WorkflowStatus['state']): boolean {
  return state !== 'queued' && state !== 'waiting';
}
