import { useLayoutEffect, useRef } from 'preact/hooks';
import { api, type RunDetails, type RunSummary } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { StateIcon, stateLabel, stateTone } from '../ui/state-badge.tsx';
import { latestOfSuites } from './latest-of-suites.ts';

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
  return value === undefined ? undefined : latestOfSuites(value);
}

/** Links to the latest runs of the other suites of the commit. */
export function CommitSuites({ id, latest }: { id: string; latest: readonly RunSummary[] | undefined }) {
  const nav = useRef<HTMLElement>(null);
  // A phone shows one row, which scrolls.
  useLayoutEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (current) nav.current?.scrollTo({ left: current.offsetLeft - 40, top: current.offsetTop - 40 });
  }, [id]);
  return (
    <nav ref={nav} class="suites" aria-label="Suites of this commit">
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
