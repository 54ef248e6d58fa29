import type { LogPage, Stack, Workflow, WorkflowStatus } from '../client/api-types.ts';
import { isTerminal } from '../core/model/run-state.ts';
import type { Transport } from './cli-context.ts';
import { type BerthApi, logPageLines } from './connect.ts';
import type { ProgressLine } from './progress-line.ts';
import { waitText } from './run-text.ts';

export interface FollowDeps {
  readonly api: Pick<BerthApi, 'run' | 'runStatus' | 'logPage' | 'stacks'>;
  readonly transport: Pick<Transport, 'sleep' | 'now'>;
  readonly progress: ProgressLine;
  readonly onLines: (lines: LogPage['lines']) => void;
  /** Berth retried the run; everything after this is about the next run. */
  readonly onRetry?: (next: string) => void;
}

/** How often a live log is read; less often while it has no new lines. */
const shortestPauseMilliseconds = 300;
const longestPauseMilliseconds = 1_500;
/** How often a waiting run's list of stack holders is refreshed. */
const stacksEveryMilliseconds = 3_000;
/** How long the log of a finished run may take to arrive. */
const logGraceMilliseconds = 15_000;
/** A failed run that Berth retries names the next run within this time. */
const retryGraceMilliseconds = 10_000;

/**
 * Shows a run as it progresses: why it waits, then its log, until it ends. A run that Berth retries is followed
 * into the next.
 *
 * @returns the last of these runs, ended.
 */
export async function followRun(deps: FollowDeps, id: string): Promise<Workflow> {
  for (let current = id; ; ) {
    const run = await followOne(deps, current);
    const next = await nextTry(deps, run);
    if (next === undefined) return run;
    deps.onRetry?.(next);
    current = next;
  }
}

async function followOne(deps: FollowDeps, id: string): Promise<Workflow> {
  const { api, transport, progress } = deps;
  const holders = stackWatch(deps);
  let cursor: string | undefined;
  let pause = shortestPauseMilliseconds;
  let endedAt: number | undefined;
  for (;;) {
    const status = await api.runStatus(id);
    // Read after the status: a log that is complete now was complete when the run ended.
    const page = await api.logPage(id, cursor);
    cursor = page.cursor;
    if (page.lines.length > 0) {
      progress.clear();
      deps.onLines(page.lines);
    }
    const now = transport.now();
    if (isTerminal(status.state)) {
      endedAt ??= now.getTime();
      if (page.complete || now.getTime() - endedAt > logGraceMilliseconds) break;
    }
    await showWait(deps, status, holders);
    pause =
      page.lines.length > 0 ? shortestPauseMilliseconds : Math.min(longestPauseMilliseconds, pause * 1.25);
    if (page.lines.length < logPageLines) await transport.sleep(pause);
  }
  progress.clear();
  return api.run(id);
}

async function showWait(
  { transport, progress }: FollowDeps,
  status: WorkflowStatus,
  holders: () => Promise<readonly Stack[]>,
): Promise<void> {
  const stacks = status.waiting?.reason === 'line' ? await holders() : [];
  const text = waitText(status, stacks, transport.now());
  if (text === undefined) progress.clear();
  else progress.show(text);
}

/** Requests the holders of the stacks, but not on every poll. */
function stackWatch({ api, transport }: FollowDeps): () => Promise<readonly Stack[]> {
  let seen: readonly Stack[] = [];
  let askAfter = 0;
  return async () => {
    const now = transport.now().getTime();
    if (now >= askAfter) {
      seen = (await api.stacks()).stacks;
      askAfter = now + stacksEveryMilliseconds;
    }
    return seen;
  };
}

/** The run that retries a failed one, if its suite has retries left. */
async function nextTry({ api, transport }: FollowDeps, run: Workflow): Promise<string | undefined> {
  const deadline = transport.now().getTime() + retryGraceMilliseconds;
  let seen = run;
  while (seen.state === 'failed' && seen.attempt <= seen.retries && seen.retried_by === null) {
    if (transport.now().getTime() > deadline) return undefined;
    await transport.sleep(shortestPauseMilliseconds);
    seen = await api.run(run.workflow_id);
  }
  return seen.retried_by ?? undefined;
}
