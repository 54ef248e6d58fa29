import { createHash } from 'node:crypto';
import type { CheckView } from '../../core/model/check-view.ts';
import { TryLater } from '../../core/model/errors.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import { isTerminal } from '../../core/model/run-state.ts';
import { keyedQueue } from '../../lib/keyed-queue.ts';
import { isWaiting } from '../../lib/later.ts';
import type { Checks, PublishOptions, PublishResult } from '../../ports/checks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { deploymentStateOf, type GithubDeployments } from './deployments.ts';
import type { GithubApp } from './github-app.ts';
import { statusOf } from './rate-gate.ts';
import { concludeReplaced, writeCheckRun } from './write-check-run.ts';

export interface CheckRunOptions {
  readonly github: GithubApp;
  readonly clock: Clock;
  readonly log: Logger;
  /** Renders the check of a run. */
  readonly viewOf: (run: Run) => Promise<CheckView>;
  /** Writes deployments too, which show the commit of each stack. If omitted, there are none. */
  readonly deployments?: GithubDeployments;
  /** Whether the project has deployments enabled. */
  readonly wantsDeployments?: (run: Run) => Promise<boolean>;
}

/** The shortest time between two writes that change only the wording. */
const leastCosmeticSeconds = 1800;
/** After GitHub failed for one run of an installation, the others wait this long. */
const pauseSeconds = 5;

/** Shows runs as check runs on GitHub. */
export function githubChecks(options: CheckRunOptions): Checks {
  const { github, clock, viewOf } = options;
  const serialize = keyedQueue();
  const pausedUntil = new Map<number, Date>();
  return {
    publish: (run, target, { mayExist = false, addressed = async (stored: GithubTarget) => stored } = {}) =>
      // Two parallel passes over one run would each create the check run that neither finds.
      serialize(run.id, () => publish(run, target, { mayExist, addressed })),
  };

  async function publish(
    run: Run,
    target: GithubTarget,
    known: Required<PublishOptions>,
  ): Promise<PublishResult> {
    const shownCheck = await publishCheck(run, target, known);
    return shownCheck.retryAt === undefined
      ? await publishDeployment(options, run, shownCheck.target, known)
      : shownCheck;
  }

  async function publishCheck(
    run: Run,
    stored: GithubTarget,
    { mayExist, addressed }: Required<PublishOptions>,
  ): Promise<PublishResult> {
    const view = await viewOf(run);
    const published = fingerprint(view);
    const shown = meaningOf(view);
    if (stored.published === published && stored.replaced === undefined) return { target: stored };
    if (stored.shown === shown && !isTerminal(run.state) && !mayPolish(run, stored))
      return { target: stored };
    const target = await addressed(stored);
    const { installationId } = target;
    const paused = pausedUntil.get(installationId);
    if (paused !== undefined && isWaiting(paused, clock.now(), pauseSeconds))
      return { target, retryAt: paused };
    let known = target;
    try {
      await github.asInstallation(installationId, async (octokit) => {
        await writeCheckRun(octokit, run, target, {
          appId: github.appId,
          view,
          mayExist,
          // A call that GitHub delays after that must not lose it.
          onKnown(checkRunId) {
            known = { ...target, checkRunId };
          },
        });
        await concludeReplaced(octokit, target);
      });
      pausedUntil.delete(installationId);
      const { replaced: _, ...rest } = known;
      return { target: { ...rest, published, shown, publishedAt: clock.now() } };
    } catch (error) {
      if (error instanceof TryLater) return { target: known, retryAt: error.at };
      if (isOfAll(error)) pausedUntil.set(installationId, pauseEnd());
      throw error;
    }
  }

  /** Less and less often, so that a long wait costs few calls; not at all when few calls are left. */
  function mayPolish(run: Run, { publishedAt, installationId }: GithubTarget): boolean {
    if (publishedAt === undefined) return true;
    if (github.isBudgetTight(installationId)) return false;
    const age = publishedAt.getTime() - run.createdAt.getTime();
    const wait = Math.max(leastCosmeticSeconds * 1000, 4 * age);
    return clock.now().getTime() - publishedAt.getTime() >= wait;
  }

  function pauseEnd(): Date {
    return new Date(clock.now().getTime() + pauseSeconds * 1000);
  }
}

/** Whether a failure affects more than one check run: GitHub is down, or the App lacks a permission. */
function isOfAll(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 401 || status === 403;
}

/** The published facts: if they are equal, the check is up to date. */
function fingerprint(view: CheckView): string {
  return createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 16);
}

/** The facts that a reader acts on. Everything else, including the queue position, may be older. */
function meaningOf({ status, conclusion }: CheckView): string {
  return conclusion === undefined ? status : `${status} ${conclusion}`;
}

async function publishDeployment(
  { deployments, wantsDeployments, log }: CheckRunOptions,
  run: Run,
  stored: GithubTarget,
  { addressed }: Required<PublishOptions>,
): Promise<PublishResult> {
  const state = deploymentStateOf(run);
  if (deployments === undefined || state === undefined || stored.deployment?.state === state)
    return { target: stored };
  if ((await wantsDeployments?.(run)) === false) return { target: stored };
  const target = await addressed(stored);
  try {
    return { target: { ...target, deployment: await deployments.show(run, target, state) } };
  } catch (error) {
    if (error instanceof TryLater) return { target, retryAt: error.at };
    const status = statusOf(error);
    if (status === undefined || status >= 500) throw error;
    // An App without the permission for deployments still shows its checks.
    log.warn({ runId: run.id, err: error }, 'GitHub refused the deployment');
    return { target: { ...target, deployment: { ...target.deployment, state } } };
  }
}
