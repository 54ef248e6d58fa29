import { mayRun } from '../../../app/core/model/branch.ts';
import { holder } from '../../../app/core/model/ids.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import { isTerminal } from '../../../app/core/model/run-state.ts';
import { type History, project, refs } from './history.ts';
import { ownId, type Ref, textOf } from './modelled-github.ts';

/** A test that took too long, or did not start, has been run all the same; what a person cancelled stays cancelled. */
function isVerdict({ state, cancel }: Run): boolean {
  const isEnded = ['succeeded', 'failed', 'timed_out', 'errored'].includes(state);
  return isEnded || cancel?.by !== undefined;
}

/** The invariants that an idle repository violates. */
export async function mistakesOf(history: History): Promise<string[]> {
  const runs = await history.runs();
  const found = [
    ...leftovers(history, runs),
    ...unapproved(history, runs),
    ...(await wrongHolds(history, runs)),
  ];
  for (const ref of refs) found.push(...(await wrongVerdict(history, ref, runs)));
  return found;
}

function leftovers({ github }: History, runs: readonly Run[]): string[] {
  const active = runs.filter(isActive).map(({ id, spec }) => `run ${id} of ${spec.branch} is still active`);
  const open = github.checks
    .filter(({ state }) => state !== 'replaced' && !isTerminal(state as Run['state']))
    .map(({ id, sha, state }) => `check ${id} of ${sha} is ${state}`);
  return [...active, ...open];
}

function unapproved({ w, reviewed }: History, runs: readonly Run[]): string[] {
  const started = new Set<string>(w.tasks.launched.map(({ runId }) => runId));
  return runs
    .filter(({ id, spec, sha }) => spec.untrusted && started.has(id) && !reviewed.has(sha ?? ''))
    .map(({ sha }) => `unapproved code ran: ${sha}`);
}

async function wrongHolds({ deps, github }: History, runs: readonly Run[]): Promise<string[]> {
  const found: string[] = [];
  const stacks = (await deps.store.stacks.list(project)).filter(({ hold }) => hold !== undefined);
  const own = refs.filter(({ repositoryId }) => repositoryId === ownId);
  for (const ref of own) {
    const held = stacks.filter(({ hold }) => hold?.holder === holder.branch(ref.name)).length;
    // A draft is tested too.
    const wanted = github.openPulls(ref).length > 0 ? 1 : 0;
    // A run that a person cancelled early never had a stack.
    const isCancelled = runs.some(({ spec, cancel }) => spec.branch === ref.name && cancel?.by !== undefined);
    if (held > wanted || (held < wanted && !isCancelled)) found.push(`${ref.name} holds ${held} stacks`);
  }
  const known = new Set<string | undefined>(own.map(({ name }) => holder.branch(name)));
  for (const { hold } of stacks) if (!known.has(hold?.holder)) found.push(`${hold?.holder} holds a stack`);
  return found;
}

async function wrongVerdict(history: History, ref: Ref, runs: readonly Run[]): Promise<string[]> {
  const { github, deps, left } = history;
  const sha = github.headOf(ref);
  if (sha === undefined || sha === 'c0') return [];
  const isOwn = ref.repositoryId === ownId;
  const isLeft = left.has(textOf(ref)) && left.get(textOf(ref)) === sha;
  const isWanted = github.openPulls(ref).length > 0 || ref.name === 'main' || (isOwn && !isLeft);
  if (!isWanted) return [];
  const newest = github.checks.findLast((check) => check.sha === sha);
  const shown = runs.find(({ id }) => id === newest?.runId);
  const branch = await deps.store.branches.get({ projectId: project, ...ref });
  const label = `${textOf(ref)} at ${sha}`;
  if (!isOwn && (branch === undefined || !mayRun(branch))) {
    const isRefused = shown !== undefined && (shown.state === 'skipped' || isVerdict(shown));
    return isRefused ? [] : [`${label} is not refused: ${shown?.state}`];
  }
  const found: string[] = [];
  const verdicts = runs.filter(
    ({ spec, github: target, sha: of }) =>
      spec.branch === ref.name && target?.headRepositoryId === ref.repositoryId && of === sha,
  );
  if (!verdicts.some(isVerdict))
    found.push(`${label} has no verdict: ${verdicts.map(({ state }) => state).join()}`);
  if (shown === undefined || !isVerdict(shown) || newest?.state !== shown.state)
    found.push(`the newest check of ${label} is ${newest?.state}`);
  return found;
}
