import { githubChecks } from '../../app/adapters/github/check-runs.ts';
import { createGithub } from '../../app/adapters/github/create-github.ts';
import { githubDeployments } from '../../app/adapters/github/deployments.ts';
import { githubDifferences } from '../../app/adapters/github/differences.ts';
import type { GithubDeps } from '../../app/core/deps.ts';
import { projectId } from '../../app/core/model/ids.ts';
import type { JobResult } from '../../app/core/model/job.ts';
import type { Run } from '../../app/core/model/run.ts';
import { checkContext, checkView } from '../../app/core/results/check-view.ts';
import { receiveEvent } from '../../app/github/deliveries/accept-delivery.ts';
import { type DeliveryQueue, deliveryQueue } from '../../app/github/deliveries/delivery-queue.ts';
import { handleDelivery, handleEvent } from '../../app/github/deliveries/handle-delivery.ts';
import { berthApp, dispatchTo } from '../../app/github/events/dispatch.ts';
import { webhookRoutes } from '../../app/http/routes/webhooks.ts';
import { keyedQueue } from '../../app/lib/keyed-queue.ts';
import type { Clock } from '../../app/ports/clock.ts';
import type { Logger } from '../../app/ports/logger.ts';
import { githubAppAt, realClock } from './github-app-at.ts';
import { inProcessFetch } from './github-stand-in/in-process-fetch.ts';
import { memoryGit } from './github-stand-in/memory-git.ts';
import {
  type GithubStandIn,
  type RepositoryOptions,
  startGithubStandIn,
} from './github-stand-in/start-github-stand-in.ts';
import type { CheckRunState, RepositoryState } from './github-stand-in/state.ts';
import { type World, world, writeResult } from './memory-deps.ts';

/** Berth and GitHub, in one process; only the tasks are make-believe, and end when a test says so. */
export interface GithubWorld {
  readonly github: GithubStandIn;
  readonly repository: RepositoryState;
  readonly berth: World;
  readonly deps: GithubDeps;
  readonly queue: DeliveryQueue;
  /** Resolves when only running tasks are left. */
  settle(): Promise<void>;
  runs(): Promise<readonly Run[]>;
  /** The check runs of a commit that GitHub shows: the newest of each name. */
  checksOf(sha: string): Readonly<Record<string, CheckRunState>>;
  /** Ends the task of a run. */
  finish(run: Run, result?: Partial<JobResult>): Promise<void>;
  close(): Promise<void>;
}

const defaultFiles = { '.github/berth.yml': 'suites:\n  unit:\n    command: npm test\n' };

export async function githubWorld(
  options: Partial<RepositoryOptions> & { clock?: Clock; log?: Logger } = {},
): Promise<GithubWorld> {
  const clock = options.clock ?? realClock;
  const github = await startGithubStandIn({ createGit: memoryGit });
  const repository = await github.addRepository({
    name: 'shop',
    files: defaultFiles,
    collaborators: { dana: 'write', rin: 'read' },
    ...options,
  });
  const app = await githubAppAt(github, clock);
  const log = options.log ?? { info() {}, warn() {}, error() {} };
  const berth = world({
    deps: {
      clock,
      log,
      serialize: keyedQueue(),
      differences: githubDifferences({ github: app, others: { between: async () => undefined } }),
      checks: githubChecks({
        github: app,
        clock,
        log,
        viewOf: async (run) => checkView(run, await checkContext(deps, run)),
        deployments: githubDeployments({ github: app, clock }),
      }),
    },
  });
  const deps: GithubDeps = {
    ...berth.deps,
    github: createGithub({ github: app, clock, log }),
    githubUrl: `http://${github.host}`,
  };
  await app.probot.load(berthApp(deps));
  const dispatch = dispatchTo(app.probot);
  const queue = deliveryQueue({
    handle: (id) => handleDelivery({ ...deps, dispatch }, id),
    handleEvent: (event) => handleEvent({ ...deps, dispatch }, event),
    due: (limit) => deps.store.deliveries.due(clock.now(), limit),
    log,
    quietMilliseconds: 0,
  });
  const routes = webhookRoutes({
    verify: (body, signature) => app.probot.webhooks.verify(body, signature),
    accept: (event) => receiveEvent(deps, queue, event),
  });
  // What the server of the whole API does with errors is tested with it.
  routes.onError((error, c) => c.text(error.message, 400));
  github.state.webhookUrl = 'http://berth.test/api/github/webhooks';
  github.state.sendWebhook = inProcessFetch(routes);

  const settle = async (): Promise<void> => {
    // Each may give the others something to do: what comes back from GitHub is an event again.
    for (let round = 0; round < 4; round += 1) {
      await github.webhooks.settled();
      await queue.idle();
      await berth.settle();
    }
  };
  const runs = async () =>
    (await deps.store.runs.list(projectId(`gh-${repository.id}`), {}, { limit: 100 })).items;

  return {
    github,
    repository,
    berth,
    deps,
    queue,
    settle,
    runs,
    checksOf: (sha) =>
      Object.fromEntries(
        repository.checkRuns.filter((one) => one.headSha === sha).map((one) => [one.name, one]),
      ),
    async finish(run, result = {}) {
      const arn = berth.tasks.arnOf(run.id, (await deps.store.runs.get(run.id))?.launches);
      writeResult(berth, run.id, result);
      berth.tasks.set(arn, { lastStatus: 'STOPPED', exitCode: result.exitCode ?? 0 });
      await deps.enqueue(run.id);
      await settle();
    },
    async close() {
      await github.webhooks.settled();
      await queue.stop();
      await github.close();
    },
  };
}
