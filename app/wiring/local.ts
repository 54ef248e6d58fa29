import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { dataDisk, defaultTaskDiskGib } from '../adapters/files/data-disk.ts';
import { loadDataSecret } from '../adapters/files/data-secret.ts';
import { readGithubCredentials, writeGithubCredentials } from '../adapters/files/github-credentials.ts';
import { loadAssets } from '../adapters/files/load-assets.ts';
import { prepareDataDirectory } from '../adapters/files/prepare-data-directory.ts';
import { runFiles } from '../adapters/files/run-files.ts';
import { verifyGrant } from '../adapters/files/signed-grant.ts';
import { uploadedSources } from '../adapters/files/uploaded-sources.ts';
import { convertManifest } from '../adapters/github/convert-manifest.ts';
import { githubPeople } from '../adapters/github/people.ts';
import { gitDifferences } from '../adapters/local/git-differences.ts';
import { secretSources } from '../adapters/secrets/secret-sources.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { installationIds, systemIds } from '../adapters/system/system-ids.ts';
import type { Deps } from '../core/deps.ts';
import { createTaskQuota } from '../core/limits/task-quota.ts';
import { type RunId, runId } from '../core/model/ids.ts';
import { costOfRun } from '../core/model/run-cost.ts';
import { ensureFirstProject } from '../core/projects/ensure-first-project.ts';
import { createMaintenance } from '../core/runs/maintenance.ts';
import { reconcileRun } from '../core/runs/reconcile-run.ts';
import { createSweep } from '../core/runs/sweep.ts';
import type { ArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import { mintKey } from '../http/auth/api-key.ts';
import { clientAddress, parseNetwork } from '../http/auth/client-address.ts';
import { sessionTokens } from '../http/auth/session-token.ts';
import { setupRoutes } from '../http/routes/setup.ts';
import { changeSignal } from '../lib/change-signal.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { BerthEvent } from '../ports/events.ts';
import type { People } from '../ports/people.ts';
import type { Sources } from '../ports/sources.ts';
import { announcingStore } from './announcing-store.ts';
import { assembleApp } from './assemble-app.ts';
import { assembleCore } from './assemble-core.ts';
import { assembleEvents, inBackground } from './assemble-events.ts';
import { lazyRoles, lazySecrets } from './aws/aws-lazy.ts';
import { chooseExecutor } from './choose-executor.ts';
import { type Config, type GithubConfig, githubAppOf } from './config/config.ts';
import type { ServerAws } from './config/server-aws.ts';
import { createExpiry } from './create-expiry.ts';
import { exposureOf, needsIsolation } from './exposure.ts';
import { createGithubIntegration } from './github-integration.ts';
import { linksOf } from './links.ts';
import { localScheduler } from './local-scheduler.ts';
import { openObjects } from './open-objects.ts';
import { openStore } from './open-store.ts';
import { packageRoot } from './package-root.ts';
import { embeddedPolicy, serverOnAwsPolicy } from './policies.ts';
import { serverLogs } from './server-logs.ts';
import { tasksOnAws } from './tasks-on-aws.ts';

/** Berth in one process, put together: the composition root of the embedded mode. */
export interface EmbeddedBerth {
  /** @param peer the address that the request came from. */
  readonly fetch: (request: Request, peer?: string) => Response | Promise<Response>;
  /** Which executor runs the tests, and why that one. */
  readonly executorReason: string;
  readonly storage: Storage;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
  /** Where containers without a way to loopback look for the server: it has to listen at `berth.sock` in it. */
  readonly socketDirectory?: string;
  /** The first API key, to be shown once; absent at every later start. */
  readonly firstKey?: string;
  readonly projectName: string;
  /** Where the GitHub App is set up; absent where there is one. */
  readonly setupUrl?: string;
  /** Begins to look at runs: those that a crash left behind first. */
  start(): void;
  close(): Promise<void>;
}

/** Where a server keeps what it knows. */
export interface Storage {
  readonly store: 'embedded' | 'dynamodb';
  readonly objects: 'files' | 's3';
  readonly logs: 'files' | 'cloudwatch';
}

export interface EmbeddingOptions {
  /** Stands between the use cases and the world: tests let calls fail with it, or the process die. */
  readonly around?: (deps: Deps) => Deps;
  /** The contents of the data directory changed so that Berth must be assembled again. */
  readonly reconfigured?: () => Promise<void>;
  /** Where artifacts open in the browser. */
  readonly artifactOrigin?: ArtifactOrigin;
}

const sweepEveryMilliseconds = 1000;
/** DynamoDB charges for each read. */
const sweepTableEveryMilliseconds = 5000;
const launchWaitMilliseconds = 2000;

/**
 * @param baseUrl where this server is reached on this machine.
 * @throws BerthError `data_dir_in_use`, `config_invalid`, `engine_unreachable`, `image_not_found`.
 */
export async function embedBerth(
  config: Config,
  baseUrl: string,
  version: string,
  { around = (deps) => deps, reconfigured = async () => {}, artifactOrigin }: EmbeddingOptions = {},
): Promise<EmbeddedBerth> {
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const clock = systemClock;
  const { dataDir } = config;
  await prepareDataDirectory(dataDir);
  const disk = dataDisk({ dataDir, log });
  // S3 and DynamoDB delete what is old. Files are deleted with the runs that they belong to.
  const expiresOnAws = config.aws?.table !== undefined && config.aws.bucket !== undefined;
  const runRetentionDays = expiresOnAws ? config.retentionDays : undefined;
  const database = await openStore(config, omitUndefined({ onFull: disk.freeReserve, runRetentionDays }));
  try {
    const changes = changeSignal();
    const store = announcingStore(database.store, changes.announce);
    const own = await loadDataSecret(dataDir, systemIds, config.dataKey);
    const { objects, files, signingKey } = await openObjects(config, { ...own, baseUrl, clock });
    const ids = installationIds(async () => signingKey);
    await disk.check();
    const taskDiskGib = config.taskDiskGib ?? (await defaultTaskDiskGib(dataDir));
    const socketDirectory = join(dataDir, 'socket');
    const created =
      config.github === undefined ? await readGithubCredentials(dataDir, config.dataKey) : undefined;
    const githubConfig = githubAppOf(config, created);
    const publicUrl = config.publicUrl ?? baseUrl;
    const onAws = tasksOnAws(config.aws, {
      installation: config.aws?.table ?? own.instance,
      baseUrl: publicUrl,
    });
    const chosen =
      onAws ??
      (await chooseExecutor({
        wanted: config.executor,
        exposure: exposureOf(config, githubConfig !== undefined),
        installDir: packageRoot(import.meta.url),
        secretFiles: config.secretFiles,
        dataDir,
        instance: own.instance,
        image: config.runnerImage,
        ...omitUndefined({ dockerHost: config.dockerHost }),
        homeDir: config.homeDir,
        socketDirectory,
        port: Number(new URL(baseUrl).port),
        network: config.dockerNetwork,
        readonlyRootfs: config.dockerReadonly,
        diskGib: taskDiskGib,
        runnerPath: join(packageRoot(import.meta.url), 'runner-image/dist/runner.js'),
        nodePath: process.execPath,
        taskEnv: config.taskEnv,
        objectsBaseUrl: baseUrl,
        clock,
        ids,
        logger: log,
        platform: process.platform,
      }));
    const { executor, reason, warning } = chosen;
    const events = inBackground(
      assembleEvents(
        { publish: async (event: BerthEvent) => log.info({ event: event.type }, 'event') },
        config.eventTargets,
        { store, links: linksOf(publicUrl, config.githubServer.webUrl), clock, ids, log },
      ),
    );
    const { deps, github: connected } = await assembleCore({
      store,
      executor,
      logs: serverLogs(config),
      objects,
      events,
      ...(expiresOnAws && onAws !== undefined
        ? {}
        : { disk: { ...disk, problem: async () => database.damage?.() ?? disk.problem() } }),
      clock,
      ids,
      log,
      policy: {
        ...(onAws === undefined ? { ...embeddedPolicy, diskGib: taskDiskGib } : serverOnAwsPolicy),
        ...config.limits,
        privateHosts: {
          allowed: config.allowPrivateHosts,
          githubHost: new URL(config.githubServer.webUrl).hostname,
        },
        ...omitUndefined({ maxTaskCpuUnits: config.aws?.maxTaskCpuUnits }),
      },
      enqueue: (id) => scheduler.enqueue(id),
      // Nothing is charged for tasks of this machine.
      cost: costOfRun,
      ...(onAws === undefined
        ? {}
        : { taskQuota: createTaskQuota({ quotas: onAws.quotas, store, clock, log }) }),
      ...rolesOf(config.aws),
      differences: gitDifferences(),
      publicUrl,
      githubUrl: config.githubServer.webUrl,
      taskUrl: executor.objectsBaseUrl ?? baseUrl,
      signingSecret: async () => signingKey,
      extendSources: (others) =>
        withSecrets(
          config.aws,
          uploadedSources({
            objects,
            others,
            ttlSeconds: embeddedPolicy.grantSeconds,
            ...omitUndefined({ baseUrl: executor.objectsBaseUrl }),
          }),
        ),
      ...(githubConfig === undefined
        ? {}
        : { github: { config: githubConfig, createIntegration: createGithubIntegration } }),
      around,
    });
    const expire = createExpiry({ dataDir, retentionDays: config.retentionDays, database, clock, log });
    const maintenance = createMaintenance(
      deps,
      config.retentionDays === undefined || expiresOnAws
        ? undefined
        : { runFiles: runFiles(dataDir), days: config.retentionDays },
    );
    const sweepDue = createSweep(deps);
    const scheduler = localScheduler({
      advance: (id) => reconcileRun(deps, id),
      sweep: () => Promise.all([disk.check(), sweepDue(), connected?.sweep(), maintenance(), expire()]),
      sweepEveryMilliseconds:
        config.aws?.table === undefined ? sweepEveryMilliseconds : sweepTableEveryMilliseconds,
      log,
    });
    const first = await ensureFirstProject(deps, config.firstProject, ({ id }) =>
      mintKey(deps, {
        projectId: id,
        allProjects: true,
        name: 'first key',
        scope: 'admin',
        ...omitUndefined({ plain: config.firstApiKey }),
      }),
    );
    const trustedProxies = config.trustedProxies.map(parseNetwork);
    const app = assembleApp(
      { deps, ...omitUndefined({ github: connected }) },
      {
        changes,
        version,
        publicUrl,
        oidc: {
          issuer: config.oidc.issuer,
          audience: config.oidc.audience ?? new URL(publicUrl).origin,
        },
        waitForLaunch: (id) =>
          // A finished wait keeps no process alive.
          Promise.race([scheduler.idle(id), setTimeout(launchWaitMilliseconds, undefined, { ref: false })]),
        githubUrl: config.githubServer.webUrl,
        cloneRules: { allowFileUrls: config.allowFileUrls, allowPrivateHosts: config.allowPrivateHosts },
        addressOf: (c) => clientAddress(c.env?.peer, c.req.header('x-forwarded-for') ?? null, trustedProxies),
        ...(files === undefined
          ? {}
          : {
              objectServer: {
                verify: (request) => verifyGrant(signingKey, request, clock.now()),
                putStream: files.putStream,
                onWritten: (key) => wakeRunOf(key, scheduler.enqueue),
              },
            }),
        ...omitUndefined({ artifactOrigin }),
        dashboard: {
          tokens: sessionTokens(signingKey, clock),
          warnings: warning === undefined ? [] : [warning],
          ...peopleOf(githubConfig),
          assets: await loadAssets(join(packageRoot(import.meta.url), 'dist/dashboard')),
        },
      },
    );
    const setupToken = ids.secret(16);
    if (connected === undefined) {
      const { apiUrl, webUrl, organization } = config.githubServer;
      const setup = setupRoutes({
        token: setupToken,
        publicUrl,
        githubUrl: webUrl,
        ...omitUndefined({ organization }),
        checkReady() {
          if (config.executor === 'auto' && executor.name === 'process') throw needsIsolation();
        },
        convert: (code) => convertManifest(apiUrl, code),
        async configured(credentials) {
          await writeGithubCredentials(dataDir, credentials, config.dataKey);
          await reconfigured();
        },
      });
      app.route('/', setup);
    }
    return {
      fetch: (request, peer) => app.fetch(request, { peer }),
      executorReason: reason,
      storage: storageOf(config, onAws !== undefined),
      ...omitUndefined({ warning }),
      ...(executor.objectsBaseUrl?.startsWith('http+unix:') === true ? { socketDirectory } : {}),
      // A key that the environment gave is known already, and is not printed.
      ...(first.plainKey === undefined || config.firstApiKey !== undefined
        ? {}
        : { firstKey: first.plainKey }),
      projectName: first.project.name,
      ...(connected === undefined ? { setupUrl: `${publicUrl}/setup?token=${setupToken}` } : {}),
      start() {
        scheduler.start();
        connected?.start();
      },
      async close() {
        await connected?.stop();
        await scheduler.stop();
        await events.settled();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function storageOf({ aws }: Config, runsOnAws: boolean): Storage {
  return {
    store: aws?.table === undefined ? 'embedded' : 'dynamodb',
    objects: aws?.bucket === undefined ? 'files' : 's3',
    logs: runsOnAws ? 'cloudwatch' : 'files',
  };
}

/** Adds the secrets of AWS that suites name, if the environment says where they are. */
/** A server without AWS issues no sessions of roles. */
function rolesOf(aws: ServerAws | undefined): Pick<Deps, 'roles'> {
  if (aws?.deployRoles === undefined) return {};
  const { deployRoles } = aws;
  return { roles: lazyRoles({ deployRoles }, { region: aws.region, random: () => systemIds.random() }) };
}

function withSecrets(aws: ServerAws | undefined, sources: Sources): Sources {
  if (aws?.secrets === undefined) return sources;
  const read = lazySecrets({ region: aws.region, random: () => systemIds.random() });
  return secretSources({ sources, read, ...aws.secrets });
}

/** Without a client secret of the App, sign-in is off. */
function peopleOf(github: GithubConfig | undefined): { people?: People } {
  if (github?.client === undefined) return {};
  return { people: githubPeople({ client: github.client, apiUrl: github.apiUrl }) };
}

/** A runner that writes its progress or its result has something to say. */
function wakeRunOf(key: string, enqueue: (id: RunId) => void): void {
  const [folder, id] = key.split('/');
  if (folder === 'runs' && id !== undefined) enqueue(runId(id));
}
