import type { Hono } from 'hono';
import { githubArchives } from '../adapters/github/archived-sources.ts';
import { githubChecks } from '../adapters/github/check-runs.ts';
import { createGithub } from '../adapters/github/create-github.ts';
import { githubDeployments } from '../adapters/github/deployments.ts';
import { githubDifferences } from '../adapters/github/differences.ts';
import { createGithubApp } from '../adapters/github/github-app.ts';
import { githubSources } from '../adapters/github/sources.ts';
import { catchUp } from '../core/branches/catch-up.ts';
import { sweepBranches } from '../core/branches/sweep-branches.ts';
import { sweepComments } from '../core/branches/sweep-comments.ts';
import type { Deps, GithubDeps } from '../core/deps.ts';
import { checkContext, checkView } from '../core/results/check-view.ts';
import { receiveEvent } from '../github/deliveries/accept-delivery.ts';
import { deliveryQueue } from '../github/deliveries/delivery-queue.ts';
import { handleDelivery, handleEvent } from '../github/deliveries/handle-delivery.ts';
import { berthApp, dispatchTo } from '../github/events/dispatch.ts';
import { webhookRoutes } from '../http/routes/webhooks.ts';
import type { BerthEvent, Events } from '../ports/events.ts';
import type { GithubConfig } from './config/config.ts';

/** Parts of the core's `Deps` that show runs on GitHub and read tokens from it. */
export type GithubParts = Pick<Deps, 'checks' | 'sources' | 'differences' | 'events'>;

/** The GitHub App of a server in one process. */
export interface GithubIntegration {
  readonly parts: GithubParts;
  /**
   * Adds the webhook's route, once the core exists.
   *
   * @param queueFor creates the queue of deliveries. If omitted, this process handles them.
   */
  connect(deps: Deps, queueFor?: QueueFactory): Promise<ConnectedGithub>;
}

export type QueueFactory = typeof deliveryQueue;

export interface ConnectedGithub {
  readonly routes: Hono;
  /** Handles deliveries that are due; called with every sweep. */
  readonly sweep: () => Promise<void>;
  /** Looks once for missed events. */
  readonly catchUp: () => Promise<unknown>;
  /** Looks for missed events: immediately, and then periodically. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

const catchUpEveryMilliseconds = 10 * 60 * 1000;

/**
 * @param core the parts without GitHub: its sources serve runs from the API, its events are published as before.
 * @param archives stores the sources of runs, for tasks that do not reach GitHub. If omitted, tasks clone.
 * @throws Error if the private key cannot be read.
 */
export async function createGithubIntegration(
  config: GithubConfig,
  core: Pick<Deps, 'store' | 'links' | 'logs' | 'clock' | 'log' | 'sources' | 'differences' | 'events'>,
  archives?: { readonly objects: Deps['objects']; readonly ttlSeconds: number },
): Promise<GithubIntegration> {
  const { store, clock, log } = core;
  const app = await createGithubApp({ ...config, clock, log });
  const deployments = githubDeployments({ github: app, clock });
  const wantsDeployments = async (projectId: Parameters<typeof store.projects.get>[0]): Promise<boolean> =>
    (await store.projects.get(projectId))?.settings.deployments !== false;

  return {
    parts: {
      checks: githubChecks({
        github: app,
        clock,
        log,
        viewOf: async (run) => checkView(run, await checkContext(core, run)),
        deployments,
        wantsDeployments: (run) => wantsDeployments(run.projectId),
      }),
      sources:
        archives === undefined
          ? githubSources({ github: app, clock, others: core.sources })
          : githubArchives({ github: app, others: core.sources, ...archives }),
      differences: githubDifferences({ github: app, others: core.differences }),
      events: alsoRetiring(core, async (event) => {
        if (event.type !== 'StackReleased') return;
        const project = await store.projects.get(event.stack.projectId);
        if (project?.settings.deployments === true) await deployments.retire(event.stack, project);
      }),
    },

    async connect(coreDeps, queueFor = deliveryQueue) {
      const deps: GithubDeps = {
        ...coreDeps,
        github: createGithub({ github: app, clock, log }),
        githubUrl: config.webUrl,
        pullComments: config.pullComments,
      };
      await app.probot.load(berthApp(deps));
      const dispatch = dispatchTo(app.probot);
      const queue = queueFor({
        handle: (id) => handleDelivery({ ...deps, dispatch }, id),
        handleEvent: (event) => handleEvent({ ...deps, dispatch }, event),
        due: (limit) => store.deliveries.due(clock.now(), limit),
        log,
      });
      const routes = webhookRoutes({
        verify: (body, signature) => app.probot.webhooks.verify(body, signature),
        accept: (event) => receiveEvent(deps, queue, event),
      });
      const sweep = async (): Promise<void> =>
        void (await Promise.all([queue.sweep(), sweepBranches(deps), sweepComments(deps)]));
      return { routes, sweep, catchUp: () => catchUp(deps), ...catchingUp(deps, queue.stop) };
    },
  };
}

/** Publishes events as before, and also marks deployments inactive in the background. */
function alsoRetiring(
  { events, log }: Pick<Deps, 'events' | 'log'>,
  retire: (event: BerthEvent) => Promise<void>,
): Events {
  return {
    async publish(event) {
      retire(event).catch((error: unknown) =>
        log.warn({ err: error }, 'a deployment could not be made inactive'),
      );
      await events.publish(event);
    },
  };
}

function catchingUp(
  deps: GithubDeps,
  stopQueue: () => Promise<void>,
): Pick<ConnectedGithub, 'start' | 'stop'> {
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let stopped = false;
  const look = async (): Promise<void> => {
    try {
      const missed = await catchUp(deps);
      if (missed.redelivered + missed.branches > 0) deps.log.info(missed, 'missed events were found');
    } catch (error) {
      deps.log.warn({ err: error }, 'GitHub did not return missed events; Berth will retry');
    }
    if (!stopped) timer = setTimeout(start, catchUpEveryMilliseconds);
  };
  const start = (): void => {
    underWay = look();
  };
  return {
    start,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await stopQueue();
      await underWay;
    },
  };
}
