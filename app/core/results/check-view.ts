import { cutText } from '../../lib/cut-text.ts';
import { cutToBytes, printable } from '../../lib/markdown.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import type { CheckAction, CheckAnnotation, CheckContext, CheckView } from '../model/check-view.ts';
import { stackLimitOf } from '../model/project.ts';
import { settingsPath } from '../model/repository-glance.ts';
import { isRefused, type Run } from '../model/run.ts';
import { isTerminal, type TerminalState } from '../model/run-state.ts';
import { describeHold } from '../model/stack.ts';
import type { TestFailure } from '../model/test-results.ts';
import { checkDetails } from './check-details.ts';
import { checkHeadline } from './check-headline.ts';
import { checkSummary } from './check-summary.ts';

/** The name of a suite's check, for branch protection rules. */
function checkName(suite: string): string {
  return `berth/${suite}`;
}

/**
 * The conclusion of a check for each end of a run. `errored` is a failure too, although not of the tests: a commit
 * that was not tested must not pass, and `action_required` would ask the author for something that only a retest, or
 * the administrator of Berth, can do. The title distinguishes the two.
 */
const conclusions = {
  succeeded: 'success',
  failed: 'failure',
  errored: 'failure',
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  skipped: 'neutral',
} as const satisfies Record<TerminalState, CheckView['conclusion']>;

/**
 * A failed teardown says nothing about the commit: `neutral`, so that it blocks no pull request. A commit that no
 * one approved was not tested: `neutral` would satisfy a required check.
 */
function conclusionOf(run: Run, state: TerminalState): NonNullable<CheckView['conclusion']> {
  if (isRefused(run)) return 'action_required';
  // A reused deployment counts as a success.
  if (run.deployed !== undefined) return 'success';
  const conclusion = conclusions[state];
  return run.spec.teardownOf === undefined || conclusion === 'success' ? conclusion : 'neutral';
}

/** Renders the check run of a run. The same run and context always give the same view. */
export function checkView(run: Run, context: CheckContext): CheckView {
  const { state } = run;
  return omitUndefined({
    name: checkName(run.spec.suite),
    status: isTerminal(state)
      ? 'completed'
      : state === 'queued' || state === 'waiting'
        ? 'queued'
        : 'in_progress',
    ...(isTerminal(state) ? { conclusion: conclusionOf(run, state) } : {}),
    title: checkHeadline(run),
    summary: checkSummary(run, context),
    text: checkDetails(run, context),
    annotations: annotationsOf(run),
    actions: actionsOf(run),
    detailsUrl: context.links.run,
    startedAt: run.startedAt,
    ...(isTerminal(state) && run.finishedAt !== undefined ? { completedAt: run.finishedAt } : {}),
  });
}

function actionsOf(run: Run): CheckAction[] {
  const release: CheckAction = {
    label: 'Release stack',
    identifier: 'release',
    description: 'Give the stack to the next in the queue',
  };
  if (!isTerminal(run.state)) {
    return [{ label: 'Cancel', identifier: 'cancel', description: 'Stop this run' }];
  }
  if (isRefused(run)) {
    const description = 'Run this commit of the fork';
    return [{ label: 'Approve and run', identifier: 'approve', description }];
  }
  // Mistakes in the settings are fixed by a commit.
  if (run.outcome?.errorCode === 'settings_invalid' || run.spec.teardownOf !== undefined) return [];
  const retest: CheckAction = { label: 'Retest', identifier: 'retest', description: 'Run this suite again' };
  const retests = hasFailedTests(run) ? [retestFailed, retest] : [retest];
  const isKept = run.spec.stack !== undefined && run.spec.stack.hold !== 'run' && run.held !== undefined;
  return isKept ? [...retests, release] : retests;
}

/** GitHub's limits: 20 characters for a label, 40 for a description. */
const retestFailed: CheckAction = {
  label: 'Retest failed tests',
  identifier: 'retest-failed',
  description: 'Run only the failed tests again',
};

function hasFailedTests({ state, spec, outcome }: Run): boolean {
  return state === 'failed' && spec.deploy === undefined && (outcome?.tests?.failed ?? 0) > 0;
}

/** In a larger pool, a list of all holders is not helpful. */
const mostListedStacks = 100;

/** Collects what a check shows in addition to the run. */
export async function checkContext(
  deps: Pick<Deps, 'store' | 'links' | 'logs'>,
  run: Run,
): Promise<CheckContext> {
  const consoleUrl = run.task === undefined ? undefined : deps.logs.consoleUrl(run);
  const holders = await holdersFor(deps, run);
  return omitUndefined({
    links: omitUndefined({
      run: deps.links.run(run.id),
      report: deps.links.report(run.id),
      console: consoleUrl,
    }),
    holders,
  });
}

async function holdersFor(deps: StoreDeps, run: Run): Promise<CheckContext['holders']> {
  if (run.state !== 'waiting' || run.waiting?.reason !== 'line') return undefined;
  const project = await deps.store.projects.get(run.projectId);
  if (project === undefined || stackLimitOf(project.settings) > mostListedStacks) return undefined;
  const stacks = await deps.store.stacks.list(project.id);
  return stacks.flatMap(({ stackName, hold }) =>
    hold === undefined ? [] : [{ stackName, heldBy: describeHold(hold), since: hold.since }],
  );
}

/** More than a person reads. The text of the check counts the rest. */
const maxAnnotations = 100;

/** The failed tests of a run with a known location. */
function annotationsOf(run: Run): CheckAnnotation[] {
  const failures = run.outcome?.failures ?? [];
  // Mistakes in the organization's settings are in another repository.
  if (failures[0]?.file?.includes(`: ${settingsPath}`) === true) return [];
  return failures.flatMap(annotationOf).slice(0, maxAnnotations);
}

function annotationOf(failure: TestFailure): CheckAnnotation[] {
  const path = relativePath(failure.file);
  if (path === undefined) return [];
  const details = printable(failure.details ?? '').trim();
  return [
    {
      path,
      line: failure.line ?? 1,
      level: 'failure',
      title: oneLine(failure.name, 255) || 'A test failed',
      message: cutToBytes(printable(failure.message).trim(), 8_000) || 'The test failed without a message.',
      ...(details === '' ? {} : { details: cutToBytes(details, 8_000) }),
    },
  ];
}

/** A path that GitHub accepts: within the repository, with forward slashes. */
function relativePath(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const path = printable(file)
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  const isWithin =
    path !== '' && !path.startsWith('/') && !path.split('/').includes('..') && !/^[A-Za-z]:/.test(path);
  return isWithin && path.length <= 1_000 ? path : undefined;
}

function oneLine(text: string, maxCharacters: number): string {
  return cutText(printable(text).replace(/\s+/g, ' ').trim(), maxCharacters);
}
