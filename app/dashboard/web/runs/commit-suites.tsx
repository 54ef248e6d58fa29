import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api, type RunDetails, type RunSummary } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { isActive, StateIcon, stateLabel, stateTone } from '../ui/state-badge.tsx';
import { latestOfSuites } from './latest-of-suites.ts';

const maxPages = 3;
/** While a suite of the commit is active. */
const busyIntervalMs = 10_000;

/** Finds the latest run of each suite of a run's commit. */
export function useLatestRuns(run: RunDetails | undefined): readonly RunSummary[] | undefined {
  const sha = run?.sha ?? '';
  const project = run?.project_id ?? '';
  const [isBusy, setBusy] = useState(false);
  const { value } = usePoll(
    `commit ${sha} ${run?.id} ${run?.state}`,
    () => (sha === '' ? Promise.resolve([]) : runsOfCommit(project, sha)),
    isBusy ? busyIntervalMs : undefined,
  );
  useEffect(() => setBusy(value?.some(isActive) ?? false), [value]);
  // A commit may have more runs than were read.
  return value === undefined ? undefined : latestOfSuites(run === undefined ? value : [...value, run]);
}

/** Reads the runs of a commit, newest first, up to a bound. */
async function runsOfCommit(project: string, sha: string): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const search = new URLSearchParams({ project, sha, limit: '100' });
    if (cursor !== undefined) search.set('cursor', cursor);
    const answer = await api.runs(search);
    runs.push(...answer.workflows);
    cursor = answer.cursor ?? undefined;
    if (cursor === undefined) break;
  }
  return runs;
}

/** Links to the latest runs of the other suites of the commit. */
export function CommitSuites({ id, latest }: { id: string; latest: readonly RunSummary[] | undefined }) {
  const nav = useRef<HTMLElement>(null);
  // A phone shows one row, which scrolls.
  useLayoutEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (current) nav.current?.scrollTo({ left: current.offsetLeft - 40, top: current.offsetTop - 40 });
  }, [id]);
  if (latest === undefined || latest.length < 2) return null;
  return (
    <nav ref={nav} class="suites" aria-label="Suites of this commit">
      {latest.map(({ id: other, suite, state }) => (
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
