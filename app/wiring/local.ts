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
import { systemClock } from '../adapters/system/system-clock.ts';
import { installationIds, systemIds } from '../adapters/system/system-ids.ts';
import { createTaskQuota } from '../core/limits/task-quota.ts';
import { type RunId, runId } from '../core/model/ids.ts';
import { costOfRun } from '../core/model/run-cost.ts';
import { ensureFirstProject } from '../core/projects/ensure-first-project.ts';
import { createMaintenance } from '../core/runs/maintenance.ts';
import { daysAfterTable, inBoth, runObjects } from '../core/runs/prune-runs.ts';
import { reconcileRun } from '../core/runs/reconcile-run.ts';
import { createSweep } from '../core/runs/sweep.ts';
import { mintKey } from '../http/auth/api-key.ts';
import { clientAddress, parseNetwork } from '../http/auth/client-address.ts';
import { sessionTokens } from '../http/auth/session-token.ts';
import { setupDoneRoutes, setupRoutes } from '../http/routes/setup.ts';
import { changeSignal } from '../lib/change-signal.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { BerthEvent } from '../ports/events.ts';
import type { People } from '../ports/people.ts';
import { announcingStore } from './announcing-store.ts';
import { assembleApp } from './assemble-app.ts';
import { assembleCore } from './assemble-core.ts';
import { assembleEvents, inBackground } from './assemble-events.ts';
import { type Config, type GithubConfig, githubAppOf } from './config/config.ts';
import { createExpiry } from './create-expiry.ts';
import { type EmbeddedBerth, type EmbeddingOptions, storageOf } from './embedded-berth.ts';
import { needsIsolation } from './exposure.ts';
import { createGithubIntegration } from './github-integration.ts';
import { linksOf } from './links.ts';
import { localScheduler } from './local-scheduler.ts';
import { openObjects } from './open-objects.ts';
import { openStore } from './open-store.ts';
import { ownExecutor } from './own-executor.ts';
import { packageRoot } from './package-root.ts';
import { embeddedPolicy, serverOnAwsPolicy } from './policies.ts';
import { rolesOf, serverLogs, tasksOnAws, withSecrets } from './server-on-aws.ts';

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
  const recordRetentionDays = config.retentionDays;
  const retention = omitUndefined({ runRetentionDays, recordRetentionDays });
  const database = await openStore(config, { onFull: disk.freeReserve, ...retention });
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
      (await ownExecutor(config, {
        baseUrl,
        hasGithub: githubConfig !== undefined,
        instance: own.instance,
        socketDirectory,
        diskGib: taskDiskGib,
        clock,
        ids,
        log,
      }));
    const { executor, reason, warning } = chosen;
    const links = linksOf(publicUrl, config.githubServer.webUrl);
    const events = inBackground(
      assembleEvents(
        { publish: async (event: BerthEvent) => log.info({ event: event.type }, 'event') },
        config.eventTargets,
        { store, links, clock, ids, log, longestWaitMs: 60_000 },
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
        ...omitUndefined({
          maxTaskCpuUnits: config.aws?.maxTaskCpuUnits,
          withoutServices: executor.withoutServices && executor.name,
        }),
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
    const expire = createExpiry({
      dataDir,
      ...omitUndefined({ cacheDir: config.cacheDir }),
      cacheDays: config.limits.cacheDays,
      retentionDays: config.retentionDays,
      database,
      clock,
      log,
    });
    const maintenance = createMaintenance(
      deps,
      omitUndefined({
        runFiles: files === undefined ? inBoth(runFiles(dataDir), runObjects(objects)) : runFiles(dataDir),
        days: expiresOnAws ? daysAfterTable(config.retentionDays) : config.retentionDays,
        runs: config.retentionRuns,
      }),
    );
    const sweepDue = createSweep(deps);
    const scheduler = localScheduler({
      advance: (id) => reconcileRun(deps, id),
      sweeps: [() => disk.check(), sweepDue, async () => connected?.sweep(), maintenance, expire],
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
    // Kept, so that an upgrade of the files below a running server does not mix two versions.
    const assets = await loadAssets(join(packageRoot(import.meta.url), 'dist/dashboard'));
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
          // The timer does not keep the process alive.
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
          assets: async () => assets,
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
    } else {
      app.route('/', setupDoneRoutes());
    }
    return {
      fetch: (request, peer) => app.fetch(request, { peer }),
      facts: omitUndefined({
        executorReason: reason,
        storage: storageOf(config, onAws !== undefined),
        warning,
        // A key that the environment gave is known already, and is not printed.
        firstKey: config.firstApiKey === undefined ? first.plainKey : undefined,
        projectName: first.project.name,
        setupUrl: connected === undefined ? `${publicUrl}/setup?token=${setupToken}` : undefined,
      }),
      ...(executor.objectsBaseUrl?.startsWith('http+unix:') === true ? { socketDirectory } : {}),
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

/** Without a client secret of the App, sign-in is off. */
function peopleOf(github: GithubConfig | undefined): { people?: People } {
  if (github?.client === undefined) return {};
  return { people: githubPeople({ client: github.client, apiUrl: github.apiUrl }) };
}

/** A run is reconciled when its runner writes progress or a result. */
function wakeRunOf(key: string, enqueue: (id: RunId) => void): void {
  const [folder, id] = key.split('/');
  if (folder === 'runs' && id !== undefined) enqueue(runId(id));
}
