import { signedRenewals } from '../adapters/files/signed-renewals.ts';
import { publicSources } from '../adapters/github/public-sources.ts';
import type { Deps } from '../core/deps.ts';
import { createBudgets } from '../core/limits/budget.ts';
import { keyedQueue } from '../lib/keyed-queue.ts';
import type { Differences, Sources } from '../ports/sources.ts';
import type { GithubConfig } from './config/config.ts';
import type { ConnectedGithub, createGithubIntegration, QueueFactory } from './github-integration.ts';
import { linksOf } from './links.ts';

type ChosenParts =
  | 'store'
  | 'executor'
  | 'logs'
  | 'objects'
  | 'events'
  | 'disk'
  | 'taskQuota'
  | 'roles'
  | 'clock'
  | 'ids'
  | 'log'
  | 'policy'
  | 'enqueue'
  | 'cost';

/** The parts that each installation chooses: where Berth stores data, and where it runs tasks. */
export interface Platform extends Pick<Deps, ChosenParts> {
  readonly publicUrl: string;
  /** The address of GitHub, or of GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** Where tasks reach this API, without a trailing slash. */
  readonly taskUrl: string;
  /** Signs the URLs with which tasks renew their uploads. */
  readonly signingSecret: () => Promise<string | Uint8Array>;
  /** Adds the sources that only this platform has. @param others public repositories, and those of the GitHub App. */
  readonly extendSources: (others: Sources) => Sources;
  /** Compares commits that are not on GitHub. If omitted, their differences are unknown. */
  readonly differences?: Differences;
  /** If omitted, there is no GitHub App. */
  readonly github?: GithubPlatform;
  /** Wraps the dependencies: tests let calls fail with it, or the process die. */
  readonly around?: (deps: Deps) => Deps;
}

interface GithubPlatform {
  readonly config: GithubConfig;
  readonly createIntegration: typeof createGithubIntegration;
  /** Berth fetches the sources of runs, for tasks that do not reach GitHub. */
  readonly archivesSources?: boolean;
  /** Queues deliveries. If omitted, this process does. */
  readonly queueFor?: QueueFactory;
}

const unknownDifferences: Differences = { between: async () => undefined };

/** The use cases' dependencies, and the GitHub App connected to them. */
export interface BerthCore {
  readonly deps: Deps;
  readonly github?: ConnectedGithub;
}

/**
 * Puts the core together, for the embedded server and for the functions on AWS.
 *
 * @throws Error if the private key of the GitHub App cannot be read.
 */
export async function assembleCore(platform: Platform): Promise<BerthCore> {
  const { publicUrl, githubUrl, taskUrl, signingSecret, extendSources, ...others } = platform;
  const { differences = unknownDifferences, github, around = (deps) => deps, ...chosen } = others;
  const { store, objects, logs, events, clock, log, policy } = chosen;
  const base = {
    store,
    logs,
    events,
    clock,
    log,
    sources: publicSources,
    differences,
    links: linksOf(publicUrl, githubUrl),
  };
  const integration = await github?.createIntegration(
    github.config,
    base,
    github.archivesSources === true ? { objects, ttlSeconds: policy.grantSeconds } : undefined,
  );
  const deps = around({
    ...chosen,
    ...base,
    checks: { publish: async (_run, target) => ({ target }) },
    ...integration?.parts,
    sources: extendSources(integration?.parts.sources ?? base.sources),
    renewals: signedRenewals({ baseUrl: taskUrl, secret: signingSecret }),
    budgets: createBudgets({ store, clock, events: integration?.parts.events ?? events, log, policy }),
    serialize: keyedQueue(),
  });
  const connected = await integration?.connect(deps, github?.queueFor);
  return connected === undefined ? { deps } : { deps, github: connected };
}
