import { setTimeout } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { pino } from 'pino';
import { z } from 'zod';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { createDynamoStore } from '../../adapters/dynamodb/dynamo-store.ts';
import { createOutbox, type Outbox } from '../../adapters/events/outbox.ts';
import { createQueueClient } from '../../adapters/events/queue-client.ts';
import { webhookEvents } from '../../adapters/events/webhook-events.ts';
import { signedRenewals } from '../../adapters/files/signed-renewals.ts';
import { uploadedSources } from '../../adapters/files/uploaded-sources.ts';
import { publicSources } from '../../adapters/github/public-sources.ts';
import { parseSecretReference } from '../../adapters/secrets/secret-reference.ts';
import { secretSources } from '../../adapters/secrets/secret-sources.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { installationIds, systemIds } from '../../adapters/system/system-ids.ts';
import type { Deps, Policy } from '../../core/deps.ts';
import { createTaskQuota } from '../../core/limits/task-quota.ts';
import { BerthError } from '../../core/model/errors.ts';
import { costOfRun } from '../../core/model/run-cost.ts';
import { createMaintenance } from '../../core/runs/maintenance.ts';
import type { QueueMessage } from '../../lambda/queue-message.ts';
import { keyedQueue } from '../../lib/keyed-queue.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Events } from '../../ports/events.ts';
import type { Logger } from '../../ports/logger.ts';
import type { AwsConfig } from '../config/aws-config.ts';
import type { GithubConfig } from '../config/config.ts';
import { parsePrivateKey } from '../config/private-key.ts';
import type { ConnectedGithub } from '../github-integration.ts';
import { linksOf } from '../links.ts';
import {
  lazyBucketSecret,
  lazyEvents,
  lazyExecutor,
  lazyLogs,
  lazyObjects,
  lazyQuotas,
  lazySecrets,
} from './aws-lazy.ts';
import { type Sessions, sessionsOf } from './aws-sessions.ts';

/** Berth on AWS, put together: the composition root of its functions. */
export interface AwsBerth {
  readonly deps: Deps;
  readonly config: AwsConfig;
  readonly outbox: Outbox;
  /** Handles one delivery from GitHub. @throws Error if it should be retried. */
  readonly handleDelivery: (deliveryId: string) => Promise<void>;
  readonly github?: ConnectedGithub;
  /** Done at every sweep; does its work once in a while. */
  readonly maintenance: () => Promise<void>;
  /** Identifies people for the dashboard. */
  readonly sessions: () => Promise<Sessions>;
}

/** Events say when a task moves; what is looked at by the clock is looked at rarely. */
const awsPolicy: Policy = {
  observeEverySeconds: 300,
  waitCheckSeconds: 60,
  ticketSeconds: 600,
  holdCheckSeconds: 300,
  startLimitSeconds: 900,
  overheadSeconds: 900,
  missingGraceSeconds: 120,
  followUpSeconds: 30,
  branchCheckSeconds: 600,
  stopLimitSeconds: 180,
  maxLaunches: 3,
  grantSeconds: 12 * 3600,
  maxArtifactBytes: 512 * 1024 * 1024,
  // A search lists every task, in half a dozen calls and more; an orphan costs cents in the twenty minutes that it lives.
  maintenanceSeconds: 600,
};

const githubSecretSchema = z.object({
  appId: z.coerce.number().int().positive(),
  privateKey: z.string().min(1),
  webhookSecret: z.string().min(8),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(20).optional(),
});

/** @throws BerthError `config_invalid`, `launch_failed` where a secret of the settings cannot be read. */
export async function composeOnAws(config: AwsConfig): Promise<AwsBerth> {
  const log: Logger = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 1, sync: true }));
  const clock = systemClock;
  const options: AwsOptions = { region: config.region, random: () => systemIds.random() };
  // Not the App's key, which is rotated: ids must not change.
  const bucketSecret = lazyBucketSecret(config, options, systemIds);
  const ids = installationIds(bucketSecret);
  const common = awsClientOptions(options);

  const readSecrets = lazySecrets(options);
  // What the App needs is read from the disk while its secret is on its way.
  const githubModule = config.githubSecret === undefined ? undefined : import('../github-integration.ts');
  const [github, webhookSecret, sessionSecret] = await Promise.all([
    config.githubSecret === undefined ? undefined : readGithub(config, config.githubSecret, readOne),
    config.webhook === undefined ? undefined : readOne(config.webhook.secret),
    config.sessionSecret === undefined ? undefined : readOne(config.sessionSecret),
  ]);
  async function readOne(reference: string): Promise<string> {
    const parsed = parseSecretReference(reference);
    const value = parsed && (await readSecrets([parsed])).get(parsed.id);
    if (value !== undefined) return value;
    throw new BerthError('config_invalid', `There is no secret ${reference}.`, {
      hint: 'Make it, or correct the setting that names it.',
    });
  }

  const store = createDynamoStore({
    client: new DynamoDB(common),
    tableName: config.table,
    ...omitUndefined({ runRetentionDays: config.runRetentionDays }),
  });
  const outbox = createOutbox({ client: createQueueClient(common), queueUrl: config.queueUrl, log });
  const send = (message: QueueMessage): void => outbox.send(message);
  const core = {
    store,
    logs: lazyLogs(options, clock),
    sources: publicSources,
    events: eventsOf(config, webhookSecret),
    clock,
    log,
    links: linksOf(config.publicUrl, config.githubServer.webUrl),
  };
  function eventsOf({ eventBus, webhook }: AwsConfig, secret: string | undefined): Events {
    const bus = lazyEvents(eventBus, options, { clock, log });
    if (webhook === undefined || secret === undefined) return bus;
    const posted = webhookEvents({ url: webhook.url, secret, clock, ids, log, sleep: setTimeout });
    return {
      publish: async (event) => void (await Promise.all([bus.publish(event), posted.publish(event)])),
    };
  }

  const objects = lazyObjects(config, options);
  const archives = config.sources === 'archive' ? { objects, ttlSeconds: awsPolicy.grantSeconds } : undefined;
  const createIntegration = (await githubModule)?.createGithubIntegration;
  const face = github === undefined ? undefined : await createIntegration?.(github, core, archives);
  const sources = secretSources({
    sources: uploadedSources({
      objects,
      others: face?.parts.sources ?? core.sources,
      ttlSeconds: awsPolicy.grantSeconds,
    }),
    read: readSecrets,
    prefix: config.secretsPrefix,
    byName: config.secretsByName,
  });
  const known = sessionSecret ?? github?.privateKey;
  const ownSecret = known === undefined ? bucketSecret : async () => known;
  const deps: Deps = {
    ...core,
    executor: lazyExecutor(config, options),
    objects,
    renewals: signedRenewals({ baseUrl: config.taskUrl, secret: ownSecret }),
    checks: { publish: async (_run, target) => ({ target }) },
    ...face?.parts,
    sources,
    ids,
    policy: {
      ...awsPolicy,
      ...(config.maxTasks === undefined ? {} : { maxTasks: config.maxTasks }),
      ...(config.maxTaskCpuUnits === undefined ? {} : { maxTaskCpuUnits: config.maxTaskCpuUnits }),
    },
    enqueue: (runId) => send({ kind: 'run', runId }),
    serialize: keyedQueue(),
    cost: costOfRun,
    taskQuota: createTaskQuota({ quotas: lazyQuotas(config, options), store, clock, log }),
  };
  let handle: ((id: string) => Promise<unknown>) | undefined;
  const connected = await face?.connect(deps, (queue) => {
    handle = queue.handle;
    return {
      arrived: (id) => send({ kind: 'delivery', id }),
      sweep: async () => {
        for (const id of await queue.due(200)) send({ kind: 'delivery', id });
      },
      atRest: outbox.sent,
      stop: outbox.sent,
    };
  });
  return {
    deps,
    config,
    outbox,
    handleDelivery: async (id) => void (await handle?.(id)),
    maintenance: createMaintenance(deps),
    ...(connected === undefined ? {} : { github: connected }),
    sessions: sessionsOf(sessionSecret, github, { clock, shared: ownSecret }),
  };
}

async function readGithub(
  config: AwsConfig,
  reference: string,
  read: (reference: string) => Promise<string>,
): Promise<GithubConfig> {
  const parsed = githubSecretSchema.safeParse(parseJson(await read(reference)));
  if (!parsed.success) {
    // What zod says of it is not passed on: it may quote the key.
    throw new BerthError('config_invalid', `The secret ${reference} does not describe a GitHub App.`, {
      hint: 'It is a JSON object with appId, privateKey (PEM) and webhookSecret, and for sign-in clientId and clientSecret.',
    });
  }
  const key = parsePrivateKey(parsed.data.privateKey);
  if (!key.ok) {
    throw new BerthError('config_invalid', `The privateKey in the secret ${reference} ${key.reason}.`, {
      hint: 'Put the PEM of the App into it, with \\n for each line break.',
    });
  }
  const { clientId: id, clientSecret: secret, ...app } = { ...parsed.data, privateKey: key.privateKey };
  const client = id === undefined || secret === undefined ? {} : { client: { id, secret } };
  return { ...app, ...client, ...config.githubServer };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
