import { adaptivePause } from './adaptive-pause.ts';
import type { Workflow, WorkflowState, WorkflowStatus } from './berth-api.ts';
import { type Client, mostLinesPerPage } from './client.ts';
import type { Host } from './host.ts';
import type { LogView } from './log-view.ts';

export interface FollowDeps {
  readonly client: Client;
  readonly host: Host;
  readonly view: LogView;
  /** Fires when the workflow is cancelled. */
  readonly signal: AbortSignal;
}

export interface FollowOptions {
  readonly showsOutput: boolean;
  /** Looks at each state that is seen, and throws where the run is not to go on. */
  readonly check?: (status: WorkflowStatus) => void;
  /** Berth tries the run again, as this one. */
  readonly onRetry?: (id: string) => void;
}

/** While lines come, the state is of little interest: the last page of the log says that it is the last. */
const lookEveryMs = 10_000;
/** A log that is still not complete so long after the end of its run never will be. */
const drainLimitMs = 60_000;
/** The try that follows a failed run is made a moment after its end. */
const retryLimitMs = 30_000;

/**
 * Shows a run until its end, and to the last line of its log.
 *
 * @returns the run as it ended; the last one, where Berth tried again by itself.
 * @throws Cancelled when the workflow is.
 */
export async function followRun(deps: FollowDeps, id: string, options: FollowOptions): Promise<Workflow> {
  await followOne(deps, id, options);
  const run = await withRetry(deps, id);
  if (run.retried_by === null) return run;
  await deps.view.close();
  deps.host.info(`${run.summary ?? 'The run failed.'} Trying again, as run ${run.retried_by}.`);
  options.onRetry?.(run.retried_by);
  return followRun(deps, run.retried_by, options);
}

async function followOne(deps: FollowDeps, id: string, options: FollowOptions): Promise<void> {
  const { client, host, view, signal } = deps;
  const nextPause = adaptivePause();
  const readOn = options.showsOutput ? logReader(deps, id) : async () => noLines;
  let lookedAt = 0;
  let endedAt: number | undefined;

  async function look(): Promise<WorkflowStatus> {
    const seen = await client.status(id, { signal });
    lookedAt = host.now();
    if (isEnd(seen.state)) endedAt ??= lookedAt;
    options.check?.(seen);
    await show(view, seen);
    return seen;
  }

  for (let status = await look(); ; ) {
    const { state } = status;
    const page = mayHaveLog(state) ? await readOn() : noLines;
    if (endedAt !== undefined) {
      if (page.complete && page.lines === 0) return;
      if (page.lines === 0 && host.now() - endedAt > drainLimitMs) {
        return view.say('The last lines of the log have not arrived in time; the dashboard will have them.');
      }
    } else if (page.lines === 0 || page.complete || host.now() - lookedAt >= lookEveryMs) {
      status = await look();
    }
    const isMoreThere = page.isFull || (page.lines > 0 && endedAt !== undefined);
    const hasEndedNow = isEnd(status.state) && !isEnd(state);
    if (!isMoreThere && !hasEndedNow) {
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

/** Large enough that a huge log takes few requests, small enough that it takes little memory. */
const charactersPerPage = 500_000;

/** Shows a log, a page at a time. Pages of long lines have fewer. */
function logReader({ client, view, signal }: FollowDeps, id: string): () => Promise<Lines> {
  let cursor: string | undefined;
  let limit = 1000;
  return async () => {
    const page = await client.log(id, { cursor, limit }, { signal });
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
  return Math.min(Math.max(fitting, 100), mostLinesPerPage);
}

async function withRetry({ client, host, signal }: FollowDeps, id: string): Promise<Workflow> {
  const begun = host.now();
  for (;;) {
    const run = await client.workflow(id, { signal });
    const isAwaited = run.state === 'failed' && run.attempt <= run.retries && run.retried_by === null;
    if (!isAwaited || host.now() - begun > retryLimitMs) return run;
    await host.pause(1000, signal);
  }
}

async function show(view: LogView, status: WorkflowStatus): Promise<void> {
  switch (status.state) {
    case 'queued':
    case 'waiting':
      await view.stage('Waiting');
      return view.say(whyWaiting(status));
    case 'provisioning':
      await view.stage('Starting');
      return view.say(
        status.stack_name === null
          ? 'The task is being started.'
          : `On stack ${status.stack_name}: the task is being started.`,
      );
    case 'running':
      return view.stage(status.stack_name === null ? 'Running' : `Running on stack ${status.stack_name}`);
    default:
      return undefined;
  }
}

function whyWaiting({ waiting }: WorkflowStatus): string {
  switch (waiting?.reason) {
    case 'line':
      return `No stack is free${waiting.position === null ? '.' : `: number ${waiting.position} in line.`}`;
    case 'turn':
      return `Another run has its turn on ${waiting.stack_name === null ? 'the stack' : `stack ${waiting.stack_name}`}.`;
    case 'capacity':
      return 'There is no capacity for the task at the moment.';
    default:
      return 'The run is queued.';
  }
}

export function isEnd(state: WorkflowState): boolean {
  return !['queued', 'waiting', 'provisioning', 'running'].includes(state);
}

function mayHaveLog(state: WorkflowState): boolean {
  return state !== 'queued' && state !== 'waiting';
}
