import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchedService } from '../../ports/executor.ts';
import type { Deps } from '../deps.ts';
import { type JobInput, type JobSource, maxResultBytes, type RoleCredentials } from '../model/job.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import { reportKey, runObjectKey } from '../model/run-keys.ts';
import type { Service } from '../model/service.ts';
import { currentTarget } from '../projects/project-of.ts';
import { assumeRole, type RoleDeps } from '../stacks/assume-role.ts';
import { cacheObjectKey, cacheScopes, ownCacheScope, savesCaches, usedCaches } from './cache-objects.ts';
import { servicesToLaunch, withRegistrySecrets } from './registry-secrets.ts';
import { rerunOfFailed } from './rerun-of-failed.ts';

type UploadDeps = Pick<Deps, 'objects' | 'executor' | 'policy'>;
export type JobDeps = UploadDeps & RoleDeps & Pick<Deps, 'sources' | 'links' | 'renewals' | 'store'>;

/** A report embeds screenshots; results have separate limits. */
const maxReportBytes = 64 * 1024 * 1024;

/**
 * Writes the job document of a run, and creates the only URL that the runner gets.
 *
 * The document contains the clone token, so it is deleted after it was read (see `settle-run.ts`), and its URL expires.
 *
 * @returns the URL of the document, and the services with the credentials of their registries.
 * @throws BerthError if the credentials of the source, of the role, or of a registry are refused.
 */
export async function writeJob(
  deps: JobDeps,
  run: Run,
  project: Project,
): Promise<{ readonly jobUrl: string; readonly services: readonly LaunchedService[] }> {
  const key = runObjectKey(run.id, 'job.json');
  const addressed = run.github === undefined ? run : { ...run, github: currentTarget(project, run.github) };
  const resolved = await deps.sources.resolve(withRegistrySecrets(addressed));
  const { services, secretEnv } = servicesToLaunch(run.spec, resolved.secretEnv);
  const job = await buildJob(deps, run, project, { ...resolved, secretEnv });
  await deps.objects.put(key, JSON.stringify(job), 'application/json');
  return { jobUrl: await grantOf(deps, key), services };
}

/** A URL at which the runner reads an object. */
function grantOf(deps: UploadDeps, key: string): Promise<string> {
  const { objects, policy, executor } = deps;
  const grant = {
    key,
    method: 'GET',
    ttlSeconds: policy.grantSeconds,
    baseUrl: executor.objectsBaseUrl,
  } as const;
  return objects.grant(omitUndefined(grant));
}

async function buildJob(
  deps: JobDeps,
  run: Run,
  project: Project,
  { source, secretEnv }: Awaited<ReturnType<JobDeps['sources']['resolve']>>,
): Promise<JobInput> {
  const { spec, held } = run;
  const credentials = await credentialsOf(deps, run);
  const commit = deps.links.commit(run);
  const grantRead = (key: string) => grantOf(deps, key);
  const { rerun, notices = [] } = await rerunOfFailed({ ...deps, grantRead }, run);
  return {
    version: 1,
    runId: run.id,
    launch: run.launches,
    project: project.name,
    suite: spec.suite,
    source: ofPublicHost(deps, source),
    checkout: { ...spec.checkout },
    notices: [
      ...ignoredSettings(deps, spec),
      ...ignoredOfServices(deps, spec),
      ...ignoredRole(deps, spec),
      ...ignoredTaskRole(deps, spec),
      ...missingSecrets(spec, secretEnv),
      ...notices,
    ],
    ...omitUndefined({ setup: spec.setup, shell: spec.shell, stack: held && stackOf(held) }),
    command: spec.command,
    // A suite's own variables take precedence over what was deployed.
    env: { ...held?.outputs, ...spec.env },
    secretEnv: { ...secretEnv },
    limits: {
      timeoutSeconds: spec.timeoutSeconds,
      memoryMib: spec.memoryMib,
      cpuUnits: spec.cpuUnits,
      ...(deps.policy.diskGib === undefined
        ? {}
        : { diskMib: Math.ceil((spec.ephemeralStorageGib ?? deps.policy.diskGib) * 1024) }),
      ...omitUndefined({ logBytes: smallest(deps.policy.maxLogBytes, project.settings.maxLogMib) }),
    },
    progressDelaySeconds: progressDelaySeconds(deps),
    junit: [...spec.junit],
    artifacts: [...spec.artifacts],
    caches: await cachesOf(deps, run, project),
    services: (spec.services ?? []).map(({ name, image, ports, timeoutSeconds }) => ({
      name,
      image,
      ports: [...ports],
      timeoutSeconds,
    })),
    ...omitUndefined({ credentials, rerun }),
    ...(spec.taskRole === true && !spec.untrusted ? { taskRole: true } : {}),
    links: { run: deps.links.run(run.id), ...omitUndefined({ commit }) },
    uploads: await uploadsOf(deps, run, project),
    renewUrl: await deps.renewals.urlOf({ runId: run.id, launch: run.launches }),
  };
}

/** The credentials of the run's role for its commands. @throws BerthError if they are refused. */
export async function credentialsOf(deps: RoleDeps, run: Run): Promise<RoleCredentials | undefined> {
  const session = await assumeRole(deps, run);
  return (
    session && {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      Token: session.sessionToken,
      Expiration: session.expiresAt.toISOString(),
    }
  );
}

function stackOf({ stackName, token, isNew, lastDeployedCommit }: NonNullable<Run['held']>) {
  return omitUndefined({ name: stackName, token, isNew, lastDeployedCommit });
}

/** Settings without effect, shown in the log and as warnings of the run. */
type Notices = NonNullable<JobInput['notices']>;

/** The task resolves names, so the source includes the server's rule for private addresses. */
function ofPublicHost({ policy }: Pick<Deps, 'policy'>, source: JobSource): JobSource {
  const { privateHosts } = policy;
  if (source.kind !== 'git' || privateHosts === undefined || privateHosts.allowed) return source;
  const isGithub = URL.canParse(source.url) && new URL(source.url).hostname === privateHosts.githubHost;
  return isGithub ? source : { ...source, allowPrivateHosts: false };
}

/** Reports that are replaced before Berth looks at them cost a write each on AWS. */
function progressDelaySeconds({ policy }: Pick<Deps, 'policy'>): number {
  return Math.min(30, Math.floor(policy.observeEverySeconds / 10));
}

function ignoredSettings({ executor }: Pick<Deps, 'executor'>, spec: Run['spec']): Notices {
  const isSet = {
    image: spec.image !== undefined,
    cpu: spec.cpuUnits !== runDefaults.cpuUnits,
    memory: spec.memoryMib !== runDefaults.memoryMib,
  };
  const ignored = (executor.ignores ?? []).filter((name) => isSet[name]);
  if (ignored.length === 0) return [];
  const names = ignored.map((name) => `\`${name}\``).join(' and ');
  const message = `The ${executor.name} executor ignores ${names}: the tests run directly on this machine. Use the docker executor to apply ${ignored.length === 1 ? 'it' : 'them'}.`;
  return [{ code: 'setting_ignored', message }];
}

/** A server without a secret store leaves the variables out. */
function missingSecrets({ secrets }: Run['spec'], found: Readonly<Record<string, string>>): Notices {
  const missing = Object.keys(secrets).filter((name) => found[name] === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((name) => `\`${name}\``).join(', ');
  const message = `This server reads no secrets, so the run does not have ${names}. docs/secrets.md shows what to do without AWS.`;
  return [{ code: 'secrets_missing', message }];
}

function ignoredOfServices({ executor }: Pick<Deps, 'executor'>, { services = [] }: Run['spec']): Notices {
  const named = (found: readonly Service[]): string => found.map(({ name }) => name).join(', ');
  const slow = services.filter(({ ready, timeoutSeconds }) => ready !== undefined && timeoutSeconds > 120);
  if (executor.name === 'fargate' && slow.length > 0) {
    const message = `Fargate waits 120 s at most for a service, so a longer \`timeout\` has no effect (${named(slow)}).`;
    return [{ code: 'setting_ignored', message }];
  }
  const checked = services.filter(({ ready }) => ready !== undefined);
  if (executor.name === 'batch' && checked.length > 0) {
    const message = `Batch has no health checks, so \`ready\` has no effect (${named(checked)}). The runner waits for \`ports\`.`;
    return [{ code: 'setting_ignored', message }];
  }
  return [];
}

function ignoredTaskRole({ executor }: Pick<Deps, 'executor'>, { taskRole }: Run['spec']): Notices {
  if (taskRole !== true || !['process', 'docker'].includes(executor.name)) return [];
  const message = `The ${executor.name} executor has no task role, so \`taskRole\` has no effect.`;
  return [{ code: 'setting_ignored', message }];
}

function ignoredRole({ roles }: Pick<Deps, 'roles'>, { role }: Run['spec']): Notices {
  if (role === undefined || roles !== undefined) return [];
  const message =
    'This server issues no credentials of AWS roles, so `role` has no effect. BERTH_DEPLOY_ROLES allows it.';
  return [{ code: 'setting_ignored', message }];
}

/** The upload targets of the runner. The URLs expire with the credentials that sign them. */
export async function uploadsOf(
  deps: UploadDeps,
  run: Run,
  { settings }: Pick<Project, 'settings'>,
): Promise<JobInput['uploads']> {
  const target = async (key: string, contentType: string, maxBytes: number) => ({
    url: await deps.objects.grant({
      key,
      method: 'PUT',
      ttlSeconds: deps.policy.grantSeconds,
      maxBytes,
      contentType,
      ...omitUndefined({ baseUrl: deps.executor.objectsBaseUrl }),
    }),
    headers: { 'content-type': contentType },
    maxBytes,
  });
  const json = 'application/json';
  const [result, report, tests, artifacts, progress] = await Promise.all([
    target(runObjectKey(run.id, 'result.json'), json, maxResultBytes),
    target(reportKey(run.id), 'text/html; charset=utf-8', maxReportBytes),
    target(runObjectKey(run.id, 'tests.json'), json, maxReportBytes),
    target(
      runObjectKey(run.id, 'artifacts.tar.gz'),
      'application/gzip',
      smallest(deps.policy.maxArtifactBytes, settings.maxArtifactsMib) ?? deps.policy.maxArtifactBytes,
    ),
    target(runObjectKey(run.id, 'progress.json'), json, maxResultBytes),
  ]);
  const caches = await Promise.all(
    (savesCaches(run) ? usedCaches(run, deps.executor) : []).map((cache) =>
      target(
        cacheObjectKey(run, cache, ownCacheScope(run)),
        'application/octet-stream',
        deps.policy.maxCacheBytes,
      ),
    ),
  );
  return { result, report, tests, artifacts, progress, caches };
}

/** The caches of a run, with what it may restore. */
async function cachesOf(deps: UploadDeps, run: Run, project: Project): Promise<JobInput['caches']> {
  const { policy } = deps;
  const scopes = cacheScopes(run, project);
  return Promise.all(
    usedCaches(run, deps.executor).map(async (cache) => ({
      ...cache,
      restore: await Promise.all(
        scopes.map(async (scope) => ({
          branch: scope.branch,
          url: await grantOf(deps, cacheObjectKey(run, cache, scope)),
        })),
      ),
      maxBytes: policy.maxCacheBytes,
      maxAgeSeconds: policy.cacheDays * 24 * 3600,
    })),
  );
}

/** The limit of the server or that of the project, whichever is smaller, in bytes. */
function smallest(bytes: number | undefined, projectMib: number | undefined): number | undefined {
  const limits = [bytes, projectMib === undefined ? undefined : projectMib * 1024 * 1024];
  const set = limits.filter((limit) => limit !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}
