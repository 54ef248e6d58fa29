import { useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { ApiError, api, type Stack } from './api.ts';
import { Fact } from './fact.tsx';
import { ago, duration, moment, shortSha } from './format.ts';
import { HoldHistory } from './hold-history.tsx';
import { PageProblem } from './missing.tsx';
import { Problem } from './problem.tsx';
import { RunList } from './run-list.tsx';
import { useMayAct } from './use-may-act.ts';
import { useNow, usePoll } from './use-poll.ts';
import { useTitle } from './use-title.ts';
import { WaitingLine } from './waiting-line.tsx';

const lookEveryMilliseconds = 2000;

/** One stack: who holds it and until when, who had it, who waits for it, and what ran on it. */
export function BerthPage({ home }: { home: string | null }) {
  const { params } = useRoute();
  const { query } = useLocation();
  const name = params.name ?? '';
  const project = query.project ?? home ?? '';
  const stack = usePoll(`stack ${project} ${name}`, () => api.stack(project, name), lookEveryMilliseconds);
  const line = usePoll(`line ${project}`, (again) => api.line(project, again), lookEveryMilliseconds);
  // A new hold has a new token: nothing else changes what was.
  const holds = usePoll(
    `holds ${project} ${name} ${stack.value?.lockToken} ${stack.value?.lastDeployedCommit}`,
    () => api.holds(project, name),
    undefined,
  );
  const runs = usePoll(
    `runs ${project}`,
    () => api.runs(new URLSearchParams({ project, limit: '100' })),
    2.5 * lookEveryMilliseconds,
  );
  useTitle(name);
  // The first picture is a whole one: what comes piece by piece would push the rest about.
  const wasKnown = useRef(false);
  wasKnown.current ||= [stack, line, holds, runs].every(({ value, error }) => (value ?? error) !== undefined);
  if (stack.value === undefined || !wasKnown.current) {
    return stack.error === undefined ? (
      <div class="placeholder page" aria-busy="true" />
    ) : (
      <PageProblem error={stack.error} what="berth" />
    );
  }
  const number = Number(/\d+$/.exec(name)?.[0]);
  const waiting = (line.value?.line ?? []).filter(
    ({ stackNumber }) => stackNumber === null || stackNumber === number,
  );
  return (
    <>
      <Heading stack={stack.value} project={project} refresh={stack.refresh} />
      <Problem error={stack.error} />
      <h2 id="line">Waiting line</h2>
      <WaitingLine tickets={waiting} known={line.value !== undefined} project={project} />
      <h2 id="holds">Holders</h2>
      <HoldHistory holds={holds.value?.holds} project={project} />
      <h2 id="runs">Runs on this stack</h2>
      <RunList runs={runs.value?.workflows.filter((run) => run.stack_name === name)} filtered />
    </>
  );
}

function Heading({ stack, project, refresh }: { stack: Stack; project: string; refresh: () => void }) {
  const now = useNow();
  return (
    <section class="heading" aria-label="Summary">
      <h1>
        <span class={`badge ${stack.isAvailable ? 'good' : 'warn'}`}>
          {stack.isAvailable ? '○ Free' : '● Held'}
        </span>{' '}
        {stack.stackName}
      </h1>
      <p class="happened">
        {stack.isAvailable
          ? `Free since ${ago(stack.modified, now)}; ${stack.branch} had it last.`
          : `Held by ${stack.heldBy} for ${stack.branch}.`}
      </p>
      <dl class="facts">
        <Fact name="Held since">{stack.heldSince === null ? '–' : moment(stack.heldSince)}</Fact>
        <Fact name="Lease">{leaseOf(stack, now)}</Fact>
        <Fact name="Deployed commit">
          <code>{shortSha(stack.lastDeployedCommit ?? null) || 'unknown'}</code>
        </Fact>
        <Fact name="Last asked for">{ago(stack.lastRequested, now)}</Fact>
      </dl>
      <Actions stack={stack} project={project} now={now} refresh={refresh} />
    </section>
  );
}

function leaseOf({ isAvailable, leaseUntil, reclaimAt }: Stack, now: number): string {
  if (isAvailable) return '–';
  if (leaseUntil !== null) return `${duration(Math.max(0, Date.parse(leaseUntil) - now))} left`;
  return reclaimAt === null ? 'until it is released' : `until others wait, from ${moment(reclaimAt)}`;
}

const hourSeconds = 3600;

function Actions({
  stack,
  project,
  now,
  refresh,
}: {
  stack: Stack;
  project: string;
  now: number;
  refresh: () => void;
}) {
  const mayAct = useMayAct(project);
  const [error, setError] = useState<ApiError>();
  const act = (work: Promise<unknown>): void => {
    work.then(
      () => {
        setError(undefined);
        refresh();
      },
      (failure: unknown) =>
        setError(
          failure instanceof ApiError
            ? failure
            : new ApiError(0, { message: 'The server cannot be reached.' }),
        ),
    );
  };
  const { stackName, lockToken, leaseUntil, activeRuns } = stack;
  const off = mayAct === undefined || stack.isAvailable;
  const extend = (): void => {
    const left = leaseUntil === null ? 0 : Math.max(0, Date.parse(leaseUntil) - now) / 1000;
    act(api.extend(project, stackName, lockToken, Math.round(left) + hourSeconds));
  };
  if (mayAct === false) return <div class="actions" />;
  return (
    <div class="actions">
      <button
        type="button"
        disabled={off || activeRuns.length > 0}
        title={activeRuns.length > 0 ? 'Tests run on it' : undefined}
        onClick={() => act(api.release(project, stackName, lockToken))}
      >
        Release
      </button>
      <button type="button" disabled={off || leaseUntil === null} onClick={extend}>
        Extend by an hour
      </button>
      <Reclaim
        off={off}
        runs={activeRuns.length}
        act={() => act(api.reclaim(project, stackName, lockToken))}
      />
      <Problem error={error} />
    </div>
  );
}

/** Ends somebody else's work, so it asks once more: by a second button in the same place, which the keyboard reaches too. */
function Reclaim({ off, runs, act }: { off: boolean; runs: number; act: () => void }) {
  const [asks, setAsks] = useState(false);
  if (!asks || off) {
    return (
      <button type="button" disabled={off} onClick={() => setAsks(true)}>
        Reclaim …
      </button>
    );
  }
  const runsText = runs === 1 ? '1 run is cancelled' : `${runs} runs are cancelled`;
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setAsks(false);
          act();
        }}
      >
        Take it from its holder{runs > 0 && `, ${runsText}`}
      </button>
      <button type="button" onClick={() => setAsks(false)}>
        Keep
      </button>
    </>
  );
}
