import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { pino } from 'pino';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { createDynamoStore } from '../../adapters/dynamodb/dynamo-store.ts';
import { createOutbox, type Outbox } from '../../adapters/events/outbox.ts';
import { createQueueClient } from '../../adapters/events/queue-client.ts';
import { uploadedSources } from '../../adapters/files/uploaded-sources.ts';
import { parseSecretReference } from '../../adapters/secrets/secret-reference.ts';
import { secretSources } from '../../adapters/secrets/secret-sources.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { installationIds, systemIds } from '../../adapters/system/system-ids.ts';
import { createTaskQuota } from '../../core/limits/task-quota.ts';
import { BerthError } from '../../core/model/errors.ts';
import { costOfRun } from '../../core/model/run-cost.ts';
import { type CollectedRuns, collectRun, notingWrites } from '../../core/runs/known-run.ts';
import { createMaintenance } from '../../core/runs/maintenance.ts';
import { daysAfterTable, runObjects } from '../../core/runs/prune-runs.ts';
import { byteLength } from '../../lib/markdown.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ArrivedDelivery } from '../../ports/store.ts';
import { assembleCore, type BerthCore } from '../assemble-core.ts';
import { assembleEvents } from '../assemble-events.ts';
import type { AwsConfig } from '../config/aws-config.ts';
import type { GithubConfig } from '../config/config.ts';
import { parseGithubSecret } from '../config/github-secret.ts';
import { parsePrivateKey } from '../config/private-key.ts';
import type { QueueFactory } from '../github-integration.ts';
import { linksOf } from '../links.ts';
import { awsPolicy } from '../policies.ts';
import {
  lazyBucketSecret,
  lazyEvents,
  lazyExecutor,
  lazyLogs,
  lazyObjects,
  lazyQuotas,
  lazyRoles,
  lazySecrets,
} from './aws-lazy.ts';
import { type Sessions, sessionsOf } from './aws-sessions.ts';
import type { QueueMessage } from './queue-message.ts';

/** The composition root of Berth's functions on AWS. */
export interface AwsBerth extends BerthCore {
  readonly config: AwsConfig;
  readonly outbox: Outbox;
  /**
   * Collects the runs that are enqueued from now on, instead of sending a message for each.
   *
   * @returns ends that, and returns the runs.
   */
  readonly collectRuns: () => () => CollectedRuns;
  /** Handles one delivery from GitHub. @throws Error if it should be retried. */
  readonly handleDelivery: (deliveryId: string) => Promise<void>;
  /** Handles an event from GitHub that its message contains. @throws Error if it should be delivered again. */
  readonly handleEvent: (event: ArrivedDelivery) => Promise<void>;
  /** Called at every sweep; does its work from time to time. */
  readonly maintenance: () => Promise<void>;
  /** Identifies people for the dashboard. */
  readonly sessions: () => Promise<Sessions>;
}

/** SQS charges a message for each 64 KB, and takes no more than 256 KB; JSON in JSON is a bit longer. */
const maxMessageBytes = 48_000;

/** @throws BerthError `config_invalid`, `launch_failed` if a secret of the settings cannot be read. */
export async function composeOnAws(config: AwsConfig): Promise<AwsBerth> {
  const log: Logger = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 1, sync: true }));
  const clock = systemClock;
  const options: AwsOptions = { region: config.region, random: () => systemIds.random() };
  // Not the App's key, which is rotated: IDs must not change.
  const bucketSecret = lazyBucketSecret(config, options, systemIds);
  const ids = installationIds(bucketSecret);
  const common = awsClientOptions(options);

  const readSecrets = lazySecrets(options);
  // The code of the App loads while its secret is being read.
  const githubModule = config.githubSecret === undefined ? undefined : import('../github-integration.ts');
  const [github, webhookSecret, slackUrl, sessionSecret] = await Promise.all([
    config.githubSecret === undefined ? undefined : readGithub(config, config.githubSecret, readOne),
    config.webhook === undefined ? undefined : readOne(config.webhook.secret),
    config.slackSecret === undefined ? undefined : readOne(config.slackSecret),
    config.sessionSecret === undefined ? undefined : readOne(config.sessionSecret),
  ]);
  async function readOne(reference: string): Promise<string> {
    const parsed = parseSecretReference(reference);
    const value = parsed && (await readSecrets([parsed])).get(parsed.id);
    if (value !== undefined) return value;
    throw new BerthError('config_invalid', `There is no secret ${reference}.`, {
      hint: 'Create it, or correct the setting that names it.',
    });
  }

  // An instance of a function handles one request at a time.
  let collected: CollectedRuns | undefined;
  const table = createDynamoStore({
    client: new DynamoDB(common),
    tableName: config.table,
    ...omitUndefined({
      runRetentionDays: config.runRetentionDays,
      recordRetentionDays: config.runRetentionDays,
    }),
  });
  const store = notingWrites(table, () => collected);
  const outbox = createOutbox({ client: createQueueClient(common), queueUrl: config.queueUrl, log });
  const send = (message: QueueMessage): void => outbox.send(message);
  const objects = lazyObjects(config, options);
  const createIntegration = (await githubModule)?.createGithubIntegration;
  const known = sessionSecret ?? github?.privateKey;
  const ownSecret = known === undefined ? bucketSecret : async () => known;
  let deliveries: Pick<Parameters<QueueFactory>[0], 'handle' | 'handleEvent'> | undefined;
  const core = await assembleCore({
    store,
    executor: lazyExecutor(config, options),
    logs: lazyLogs(options, clock),
    objects,
    events: assembleEvents(
      lazyEvents(config.eventBus, options, { clock, log }),
      omitUndefined({
        webhook:
          config.webhook === undefined || webhookSecret === undefined
            ? undefined
            : { url: config.webhook.url, secret: webhookSecret },
        slackUrl,
        notices: config.notices,
      }),
      {
        store,
        links: linksOf(config.publicUrl, config.githubServer.webUrl),
        clock,
        ids,
        log,
        // A function that waits is paid, and ends after a minute.
        longestWaitMs: 4_000,
      },
    ),
    roles: lazyRoles(config, options),
    taskQuota: createTaskQuota({ quotas: lazyQuotas(config, options), store, clock, log }),
    clock,
    ids,
    log,
    policy: {
      ...awsPolicy,
      ...config.limits,
      ...omitUndefined({ maxTaskCpuUnits: config.maxTaskCpuUnits }),
    },
    enqueue: (runId, known) => {
      if (collected === undefined) send({ kind: 'run', runId });
      else collectRun(collected, runId, known);
    },
    cost: costOfRun,
    publicUrl: config.publicUrl,
    githubUrl: config.githubServer.webUrl,
    taskUrl: config.taskUrl,
    signingSecret: ownSecret,
    extendSources: (others) =>
      secretSources({
        sources: uploadedSources({ objects, others, ttlSeconds: awsPolicy.grantSeconds }),
        read: readSecrets,
        prefix: config.secretsPrefix,
        byName: config.secretsByName,
      }),
    ...(github === undefined || createIntegration === undefined
      ? {}
      : {
          github: {
            config: github,
            createIntegration,
            archivesSources: config.sources === 'archive',
            queueFor: (queue) => {
              deliveries = queue;
              return {
                take: async (event) =>
                  byteLength(event.payload) <= maxMessageBytes && outbox.post({ kind: 'event', ...event }),
                arrived: (id) => send({ kind: 'delivery', id }),
                sweep: async () => {
                  for (const id of await queue.due(200)) send({ kind: 'delivery', id });
                },
                idle: outbox.sent,
                stop: outbox.sent,
              };
            },
          },
        }),
  });
  return {
    ...core,
    config,
    outbox,
    collectRuns: () => {
      const own: CollectedRuns = new Map();
      collected = own;
      return () => {
        if (collected === own) collected = undefined;
        return own;
      };
    },
    handleDelivery: async (id) => void (await deliveries?.handle(id)),
    handleEvent: async (event) => deliveries?.handleEvent(event),
    maintenance: createMaintenance(
      core.deps,
      omitUndefined({
        runFiles: runObjects(objects),
        days: daysAfterTable(config.runRetentionDays),
        runs: config.retentionRuns,
      }),
    ),
    sessions: sessionsOf(sessionSecret, github, { clock, shared: ownSecret }),
  };
}

async function readGithub(
  config: AwsConfig,
  reference: string,
  read: (reference: string) => Promise<string>,
): Promise<GithubConfig> {
  const app = parseGithubSecret(await read(reference));
  if (app === undefined) {
    throw new BerthError('config_invalid', `The secret ${reference} does not describe a GitHub App.`, {
      hint: 'It is a JSON object with appId, privateKey (PEM) and webhookSecret, and for sign-in clientId and clientSecret.',
    });
  }
  const key = parsePrivateKey(app.privateKey);
  if (!key.ok) {
    throw new BerthError('config_invalid', `The privateKey in the secret ${reference} ${key.reason}.`, {
      hint: 'Put the PEM of the App into it, with \\n for each line break.',
    });
  }
  return { ...app, privateKey: key.privateKey, ...config.githubServer };
}
