import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type Holder, holder, type RunId } from '../model/ids.ts';
import type { NeededRun, Run, RunSpec, StackRequirement } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import type { NamedDeploy, PoolSettings } from './settings.ts';
import type { SuiteSettings } from './suite-schema.ts';

/** The source of a commit that a suite runs for. */
export interface CommitOrigin {
  /** The URL for `git clone`, without credentials. */
  readonly cloneUrl: string;
  /** A ref to fetch if the commit is in no branch of the repository, such as a fork's. */
  readonly ref?: string;
  readonly branch: string;
  /** The holder of the stack, and whether the hold outlives the run. */
  readonly holder: Holder;
  readonly isKept: boolean;
  /** A fork's code: no secrets unless the settings allow it, no stack. */
  readonly untrusted: boolean;
}

export function specOfSuite(
  suite: SuiteSettings & { readonly name: string },
  origin: CommitOrigin,
  options: {
    readonly id: RunId;
    readonly pool: PoolSettings | undefined;
    readonly forkSecrets: boolean;
    readonly note?: string;
    /** The deployments that a suite on a stack needs. */
    readonly deploys?: readonly NeededRun[];
    readonly isDeploy?: boolean;
    readonly needs?: readonly NeededRun[];
    readonly isNeeded?: boolean;
  },
): RunSpec {
  const { deploys = [] } = options;
  const isDeployed = deploys.length > 0 || options.isDeploy === true;
  const stack = requirementOf(suite, origin, { ...options, isDeployed });
  return omitUndefined({
    suite: suite.name,
    source: omitUndefined({ kind: 'git', url: origin.cloneUrl, ref: origin.ref }),
    branch: origin.branch,
    command: suite.command,
    setup: suite.setup,
    rerun: suite.rerun,
    shell: suite.shell,
    env: suite.env ?? {},
    secrets: origin.untrusted && !options.forkSecrets ? {} : (suite.secrets ?? {}),
    image: suite.image,
    cpuUnits: suite.cpu ?? runDefaults.cpuUnits,
    memoryMib: suite.memory ?? runDefaults.memoryMib,
    ephemeralStorageGib: suite.disk,
    timeoutSeconds: suite.timeout ?? runDefaults.timeoutSeconds,
    junit: suite.junit ?? [],
    artifacts: suite.artifacts ?? [],
    caches: suite.cache,
    services: servicesOf(suite, origin, options),
    stack,
    ...(stack === undefined || suite.role === undefined ? {} : { role: suite.role }),
    ...(suite.taskRole === true && !origin.untrusted ? { taskRole: true } : {}),
    ...(stack === undefined || suite.teardown === undefined ? {} : suite.teardown),
    ...(stack === undefined || deploys.length === 0 ? {} : { deploys: [...deploys] }),
    needs: options.needs === undefined || options.needs.length === 0 ? undefined : [...options.needs],
    concurrency: concurrencyOf(suite),
    isNeeded: options.isNeeded === true ? true : undefined,
    retries: suite.retry ?? runDefaults.retries,
    checkout: suite.checkout,
    untrusted: origin.untrusted,
    note: options.note,
  });
}

function concurrencyOf({
  name,
  concurrency,
}: Pick<SuiteSettings, 'concurrency'> & { readonly name: string }): RunSpec['concurrency'] {
  if (concurrency === undefined) return undefined;
  const { group = name, limit = 1 } = typeof concurrency === 'number' ? { limit: concurrency } : concurrency;
  return { group, limit };
}

/** Code from a fork gets no credentials of registries, as it gets no secrets. */
function servicesOf(
  { services }: SuiteSettings,
  { untrusted }: CommitOrigin,
  { forkSecrets }: { readonly forkSecrets: boolean },
): RunSpec['services'] {
  if (services === undefined || services.length === 0) return undefined;
  return untrusted && !forkSecrets ? services.map(({ credentials: _, ...service }) => service) : services;
}

function requirementOf(
  suite: SuiteSettings,
  origin: CommitOrigin,
  { id, pool, isDeployed }: { id: RunId; pool: PoolSettings | undefined; isDeployed: boolean },
): StackRequirement | undefined {
  if (suite.stack === false || pool === false || pool?.maxStacks === 0 || origin.untrusted) return undefined;
  const own = typeof suite.stack === 'object' ? suite.stack : {};
  const hold = own.hold ?? pool?.hold ?? 'pull_request';
  return omitUndefined({
    // A merge group's branch lives for one attempt: the run is the holder, unless it shares what was deployed.
    holder: origin.isKept || isDeployed ? origin.holder : holder.run(id),
    hold: hold === 'run' || !origin.isKept ? ('run' as const) : ('branch' as const),
    shares: suite.exclusive === undefined ? (own.sharesStack ?? true) : !suite.exclusive,
    url: own.url,
  });
}

/** Builds the spec for a run that deploys a commit to its stack. */
export function specOfDeploy(
  deploy: NamedDeploy,
  origin: CommitOrigin,
  options: {
    readonly id: RunId;
    readonly pool: PoolSettings | undefined;
    /** The deployments before this one. */
    readonly deploys: readonly NeededRun[];
  },
): RunSpec {
  const { url, paths, cancelSuperseded = false, 'working-directory': path, ...suite } = deploy;
  const checkout = path === undefined ? suite.checkout : { ...suite.checkout, path };
  const stack = omitUndefined({ url, sharesStack: false });
  const spec = specOfSuite({ ...suite, ...omitUndefined({ checkout }), stack }, origin, {
    ...options,
    isDeploy: true,
    forkSecrets: false,
  });
  return {
    ...spec,
    timeoutSeconds: deploy.timeout ?? runDefaults.timeoutSeconds,
    deploy: omitUndefined({ paths, cancelSuperseded }),
  };
}

/** The suite name of teardowns. No suite in a settings file can have it, because of the space. */
function teardownName(suite: string): string {
  return `${suite} teardown`;
}

/** Builds the spec for the teardown of a stack: the command that the suite names, in the environment of its tests. */
export function teardownSpec(original: Run, id: RunId, stackName: string): RunSpec {
  const { setup: _, teardown = 'true', note: __, deploy: ___, deploys: ____, ...rest } = original.spec;
  const { caches: _____, services: ______, needs: _______, concurrency: ________, ...others } = rest;
  // Nothing may keep the stack from its next holder: neither a needed suite that failed since, nor runs of a group.
  const { isNeeded: _________, rerun: __________, ...spec } = others;
  return {
    ...spec,
    suite: teardownName(spec.suite),
    command: teardown,
    junit: [],
    artifacts: [],
    retries: 0,
    timeoutSeconds: spec.teardownOptions?.timeoutSeconds ?? spec.timeoutSeconds,
    stack: { holder: holder.run(id), name: stackName, hold: 'run', shares: false },
    teardownOf: original.id,
  };
}
