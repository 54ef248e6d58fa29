import { useRef } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { timestamp } from '../../../lib/format.ts';
import { api, type Stack } from '../lib/api.ts';
import { dollars, duration, shortSha } from '../lib/format.ts';
import { useCanWrite } from '../lib/use-can-write.ts';
import { useNow } from '../lib/use-now.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { RunList } from '../runs/run-list.tsx';
import { DescriptionItem } from '../ui/description-item.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { PageError } from '../ui/not-found.tsx';
import { OutputValue } from '../ui/output-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { DirtyCause } from './dirty-cause.tsx';
import { HoldHistory } from './hold-history.tsx';
import { Queue } from './queue.tsx';
import { StackActions } from './stack-actions.tsx';
import { StackCare } from './stack-care.tsx';
import { StackBadge } from './stack-state.tsx';

const intervalMs = 2000;
const runsShown = '20';

/** One stack: its holder and lease, its queue, its past holders, and its runs. */
export function StackPage({ home }: { home: string | null }) {
  const { params } = useRoute();
  const { query } = useLocation();
  const name = params.name ?? '';
  const project = query.project ?? home ?? '';
  const stack = usePoll(`stack ${project} ${name}`, () => api.stack(project, name), intervalMs);
  const queue = usePoll(`queue ${project}`, (again) => api.queue(project, again), intervalMs);
  // A new hold has a new token: until then the history does not change.
  const holds = usePoll(
    `holds ${project} ${name} ${stack.value?.lockToken} ${stack.value?.lastDeployedCommit}`,
    () => api.holds(project, name),
    undefined,
  );
  const runs = usePoll(
    `runs on ${project} ${name}`,
    () => api.runs(new URLSearchParams({ project, stack: name, limit: runsShown })),
    2.5 * intervalMs,
  );
  useTitle(name);
  // Everything appears at the same time: sections that arrive one by one would move the others.
  const wasLoaded = useRef(false);
  wasLoaded.current ||=
    stack.value !== undefined &&
    [queue, holds, runs].every(({ value, error }) => (value ?? error) !== undefined);
  if (stack.value === undefined || !wasLoaded.current) {
    return stack.error === undefined ? (
      <div class="placeholder page" aria-busy="true" />
    ) : (
      <PageError error={stack.error} what="Stack" />
    );
  }
  const number = Number(/\d+$/.exec(name)?.[0]);
  const waiting = (queue.value?.line ?? []).filter(
    ({ stackNumber }) => stackNumber === null || stackNumber === number,
  );
  return (
    <>
      <Header stack={stack.value} project={project} refresh={stack.refresh} />
      <ErrorMessage error={stack.error} />
      {stack.value.dirty !== null && (
        <DirtyCause dirty={stack.value.dirty} runs={runs.value?.workflows ?? []} />
      )}
      <h2 id="queue">Queue</h2>
      <Queue tickets={waiting} project={project} />
      <h2 id="holds">Holders</h2>
      <HoldHistory holds={holds.value?.holds} project={project} />
      <h2 id="runs">Runs on this stack</h2>
      <RunList
        ofOneStack
        runs={runs.value?.workflows}
        empty={<p class="quiet">No run has used this stack</p>}
      />
      {runs.value?.cursor != null && (
        <p>
          <a href={`/?${new URLSearchParams({ project, stack: name })}`}>All runs on this stack</a>
        </p>
      )}
    </>
  );
}

function Header({ stack, project, refresh }: { stack: Stack; project: string; refresh: () => void }) {
  const now = useNow();
  const canWrite = useCanWrite(project);
  const { reservation, url } = stack;
  return (
    <header class="heading">
      <p class="crumbs">
        <a href={`/stacks?${new URLSearchParams({ project })}`}>Stacks</a>
      </p>
      <h1>
        <StackBadge stack={stack} /> {stack.stackName}
      </h1>
      <p class="summary">
        {stack.heldBy === null ? (
          `${stack.isAvailable ? 'Available' : 'Not available'}. Last branch: ${stack.branch}.`
        ) : (
          <>
            Held by <Holder holder={stack.holder} heldBy={stack.heldBy} /> for {stack.branch}.
          </>
        )}
      </p>
      <dl class="facts">
        <DescriptionItem term="Condition">{stack.dirty === null ? 'Clean' : 'Dirty'}</DescriptionItem>
        {stack.heldSince !== null && (
          <DescriptionItem term="Held since">
            <RelativeTime iso={stack.heldSince} now={now} />
          </DescriptionItem>
        )}
        {stack.heldBy !== null && <DescriptionItem term="Lease">{leaseOf(stack, now)}</DescriptionItem>}
        <DescriptionItem term="Deployed commit">
          {stack.lastDeployedCommit === undefined ? (
            'None'
          ) : (
            <>
              <code>{shortSha(stack.lastDeployedCommit)}</code>
              {stack.deployedAt !== null && (
                <>
                  {' '}
                  <RelativeTime iso={stack.deployedAt} now={now} />
                </>
              )}
              {stack.headCommit !== null &&
                stack.headCommit !== stack.lastDeployedCommit &&
                `, the branch is at ${shortSha(stack.headCommit)}`}
            </>
          )}
        </DescriptionItem>
        {stack.costUsd != null && (
          <DescriptionItem term="Cost of the last 100 runs">{dollars(stack.costUsd)}</DescriptionItem>
        )}
        {url !== null && (
          <DescriptionItem term="URL">
            <OutputValue value={url} />
          </DescriptionItem>
        )}
        {outputsOf(stack).map(([name, value]) => (
          <DescriptionItem key={name} term={name}>
            <OutputValue value={value} />
          </DescriptionItem>
        ))}
        {reservation !== null && (
          <DescriptionItem term="Reserved">
            {`By ${reservation.by} until ${timestamp(reservation.until)}: ${reservation.reason}`}
          </DescriptionItem>
        )}
        <DescriptionItem term="Last requested">
          <RelativeTime iso={stack.lastRequested} now={now} />
        </DescriptionItem>
        <DescriptionItem term="Created">
          <RelativeTime iso={stack.created} now={now} />
        </DescriptionItem>
      </dl>
      <StackActions stack={stack} project={project} canWrite={canWrite} now={now} refresh={refresh} />
      <StackCare stack={stack} project={project} canWrite={canWrite} refresh={refresh} />
    </header>
  );
}

/** The page of a run has more details than its ID. */
function Holder({ holder, heldBy }: { holder: string | null; heldBy: string }) {
  const run = /^run:(.+)$/.exec(holder ?? '')?.[1];
  return run === undefined ? heldBy : <a href={`/runs/${run}`}>a run</a>;
}

/** The outputs of the deployments, with the name of the deployment if there are several. */
function outputsOf({ deploys = [] }: Stack): readonly [string, string][] {
  return deploys.flatMap(({ name: deploy, outputs }) =>
    Object.entries(outputs).map(([name, value]): [string, string] => [
      deploys.length === 1 ? name : `${deploy}: ${name}`,
      value,
    ]),
  );
}

function leaseOf({ leaseUntil, reclaimAt }: Stack, now: number): string {
  if (leaseUntil !== null) {
    const left = Date.parse(leaseUntil) - now;
    return left > 0 ? `${duration(left)} left` : 'Expired';
  }
  return reclaimAt === null ? 'Until released' : `Can be reclaimed from ${timestamp(reclaimAt)}`;
}
