import { api, type RunDetails, type RunSummary } from './api.ts';
import { activeStates, StateBadge } from './state-badge.tsx';
import { usePoll } from './use-poll.ts';

/** The newest run of each suite of a commit; retests come first in the list that they are taken from. */
export function useLatestRuns(run: RunDetails | undefined): readonly RunSummary[] {
  const sha = run?.sha ?? '';
  const project = run?.project_id ?? '';
  const runs = usePoll(
    `commit ${sha} ${run?.id} ${run?.state}`,
    async () =>
      sha === '' ? [] : (await api.runs(new URLSearchParams({ project, sha, limit: '50' }))).workflows,
    undefined,
  );
  const latest = new Map<string, RunSummary>();
  for (const run of runs.value ?? []) if (!latest.has(run.suite)) latest.set(run.suite, run);
  return [...latest.values()].sort((a, b) => a.suite.localeCompare(b.suite));
}

/** What "retest failed" would run again. */
export function failedSuites(latest: readonly RunSummary[]): readonly string[] {
  return latest
    .filter(({ state }) => !activeStates.includes(state) && state !== 'succeeded' && state !== 'skipped')
    .map(({ suite }) => suite);
}

/** How the other suites of the same commit went: a commit is good when all of them are. */
export function SuitesOfCommit({ id, latest }: { id: string; latest: readonly RunSummary[] }) {
  return (
    <nav class="suites" aria-label="Suites of this commit">
      {latest.map(({ id: other, suite, state }) => (
        <a key={suite} href={`/runs/${other}`} aria-current={other === id ? 'page' : undefined}>
          {suite} <StateBadge state={state} />
        </a>
      ))}
    </nav>
  );
}
