import type { RunDetails, RunSummary } from '../lib/api.ts';
import { dollars, duration, elapsedMilliseconds, repositoryName, shortSha } from '../lib/format.ts';
import { DescriptionItem } from '../ui/description-item.tsx';
import { OutputValue } from '../ui/output-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { RunActions } from './run-actions.tsx';
import { RunResult } from './run-result.tsx';
import { triggerOf } from './summary-of.ts';

interface Props {
  readonly run: RunDetails;
  readonly now: number;
  readonly refresh: () => void;
  /** The latest run of each suite of the commit. */
  readonly latest: readonly RunSummary[] | undefined;
}

/** The state of a run, what it tested, and what can be done with it: little, so that the cause is on the first screen. */
export function RunHeader({ run, now, refresh, latest }: Props) {
  const project = new URLSearchParams({ project: run.project_id });
  const title = run.commit?.message ?? `${run.suite} on ${run.branch}`;
  return (
    <header class="heading">
      <p class="crumbs">
        <a href={`/?${project}`}>Runs</a> <span aria-hidden="true">/</span>{' '}
        <a href={`/?${project}&${new URLSearchParams({ branch: run.branch })}`} title={run.branch}>
          {run.branch}
        </a>
      </p>
      <h1>
        <StateBadge state={run.state} />{' '}
        <span class="clamped" title={title}>
          {title}
        </span>
      </h1>
      <RunResult run={run} />
      <Facts run={run} now={now} />
      <RunActions run={run} refresh={refresh} latest={latest} />
    </header>
  );
}

function Facts({ run, now }: { run: RunDetails; now: number }) {
  const elapsed = elapsedMilliseconds(run, now);
  const { links, stack_name: stack } = run;
  return (
    <dl class="facts brief">
      <DescriptionItem term="Repository">{repositoryName(run.repo_url)}</DescriptionItem>
      <DescriptionItem term="Suite">{run.suite}</DescriptionItem>
      <DescriptionItem term="Commit">
        {run.sha !== null && (
          <Linked href={links.commit}>
            <code>{shortSha(run.sha)}</code>
          </Linked>
        )}
        {run.commit?.author != null ? ` by ${run.commit.author}` : run.sha === null && 'Not known yet'}
      </DescriptionItem>
      {run.pull_request !== null && (
        <DescriptionItem term="Pull request">
          <Linked href={links.pull_request}>#{run.pull_request}</Linked>
        </DescriptionItem>
      )}
      {stack !== null && (
        <DescriptionItem term="Stack">
          <a
            href={`/stacks/${encodeURIComponent(stack)}?${new URLSearchParams({ project: run.project_id })}`}
          >
            {stack}
          </a>
        </DescriptionItem>
      )}
      {run.url !== null && (
        <DescriptionItem term="URL">
          <OutputValue value={run.url} />
        </DescriptionItem>
      )}
      <DescriptionItem term="Triggered by">{triggerOf(run)}</DescriptionItem>
      <DescriptionItem term="Created">
        <RelativeTime iso={run.created_at} now={now} />
      </DescriptionItem>
      <DescriptionItem term="Duration">
        {elapsed === undefined ? 'Not started' : duration(elapsed)}
      </DescriptionItem>
      {run.cost_usd !== null && (
        <DescriptionItem term="Estimated cost">{dollars(run.cost_usd)}</DescriptionItem>
      )}
    </dl>
  );
}

function Linked({ href, children }: { href: string | null; children: preact.ComponentChildren }) {
  return href === null ? children : <a href={href}>{children}</a>;
}
