import { api, type RunDetails, type RunSummary } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { isActive, StateIcon, stateLabel, stateTone } from '../ui/state-badge.tsx';

/** Finds the latest run of each suite of a run's commit. */
export function useLatestRuns(run: RunDetails | undefined): readonly RunSummary[] | undefined {
  const sha = run?.sha ?? '';
  const project = run?.project_id ?? '';
  const { value } = usePoll(
    `commit ${sha} ${run?.id} ${run?.state}`,
    async () =>
      sha === '' ? [] : (await api.runs(new URLSearchParams({ project, sha, limit: '50' }))).workflows,
    undefined,
  );
  if (value === undefined) return undefined;
  // The list is newest first.
  const latest = new Map<string, RunSummary>();
  for (const run of value) if (!latest.has(run.suite)) latest.set(run.suite, run);
  return [...latest.values()].sort((a, b) => a.suite.localeCompare(b.suite));
}

/** The suites that "Retest failed" starts again. */
export function failedSuites(latest: readonly RunSummary[]): readonly string[] {
  return latest
    .filter((run) => !isActive(run) && run.state !== 'succeeded' && run.state !== 'skipped')
    .map(({ suite }) => suite);
}

/** Links to the latest runs of the other suites of the commit. */
export function CommitSuites({ id, latest }: { id: string; latest: readonly RunSummary[] | undefined }) {
  return (
    <nav class="suites" aria-label="Suites of this commit">
      {latest?.map(({ id: other, suite, state }) => (
        <a
          key={suite}
          href={`/runs/${other}`}
          class={stateTone(state)}
          aria-current={other === id ? 'page' : undefined}
        >
          <StateIcon state={state} /> <span class="suite-name">{suite}</span>
          <span class="hidden">, {stateLabel(state)}</span>
        </a>
      ))}
    </nav>
  );
}
