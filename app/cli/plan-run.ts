import { pathToFileURL } from 'node:url';
import type { WorkflowRequest } from '../client/api-types.ts';
import type { Service } from '../core/model/service.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { type Checkout, readCheckout, remoteOf } from './checkout.ts';
import { usageError } from './cli-error.ts';
import type { Git } from './git.ts';
import type { RunOptions } from './run-options.ts';
import { type ChosenSuite, chooseSuite } from './suite-choice.ts';
import { visible } from './visible-text.ts';

type RunRequest = WorkflowRequest & { readonly idempotency_key: string };

/** The request for a run, and what to show about it. */
export interface RunPlan {
  readonly request: RunRequest;
  /** One line: which commit. */
  readonly heading: string;
  /** The origin of a guessed command. If omitted, the command was given. */
  readonly origin?: string;
  /** The `.github/berth.yml` that says what was guessed. */
  readonly settings?: string;
  readonly warnings: readonly string[];
  /** The commit that the server cannot fetch, and needs as an upload. */
  readonly upload?: { readonly root: string; readonly sha: string };
}

export interface PlanDeps {
  readonly git: Git;
  readonly directory: string;
  readonly unique: () => string;
}

/**
 * Where the server is, seen from the checkout: `own`, in this process; `near`, on this machine; `far`, elsewhere,
 * where it can only fetch from a remote.
 */
export type ServerKind = 'own' | 'near' | 'far';

type RepositoryOptions = RunOptions & {
  readonly repo: string;
  readonly branch: string;
  readonly command: string;
};

/**
 * Returns whether the options name a remote repository, whose settings cannot be read to fill in what is missing.
 *
 * @throws CliError `usage` if they do, and are incomplete.
 */
export function namesRepository(options: RunOptions): options is RepositoryOptions {
  const { repo, branch, command, sha } = options;
  if (repo === undefined) return false;
  if (branch === undefined || command === undefined) {
    throw usageError(
      '--repo needs --branch and --command, because the settings of a remote repository are not read.',
    );
  }
  if (sha !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(sha)) {
    throw usageError('--sha must be a full commit ID of 40 digits if --repo names a remote repository.');
  }
  return true;
}

/**
 * Turns options into a request. Missing values come from the git checkout of the working directory.
 *
 * @throws CliError `usage` if a value is missing and cannot be read from there.
 */
export async function planRun(deps: PlanDeps, options: RunOptions, server: ServerKind): Promise<RunPlan> {
  return namesRepository(options) ? planOfRepository(deps, options) : planOfCheckout(deps, options, server);
}

function planOfRepository(deps: PlanDeps, options: RepositoryOptions): RunPlan {
  const { repo, branch, command, sha } = options;
  const place = omitUndefined({ repo_url: repo, branch, sha });
  const at = sha === undefined ? '' : ` @ ${sha.slice(0, 7)}`;
  return {
    request: requestOf(deps, options, { command }, place),
    heading: `${visible(repo)} ${visible(branch)}${at}`,
    warnings: [],
  };
}

async function planOfCheckout(deps: PlanDeps, options: RunOptions, server: ServerKind): Promise<RunPlan> {
  const checkout = await readCheckout(deps.git, deps.directory, options);
  if (checkout === undefined) {
    throw usageError(
      'This directory is not in a git checkout.',
      'Change to a git checkout, or run a remote repository: berth run --repo URL --branch NAME --command COMMAND',
    );
  }
  const { url, isUpload } = await placeOf(deps.git, checkout, server);
  const suite =
    options.command === undefined
      ? await chooseSuite(deps.git, checkout, options.suite)
      : { command: options.command };
  const place = { repo_url: url, branch: checkout.branch, sha: checkout.sha };
  return omitUndefined({
    request: requestOf(deps, options, suite, place),
    heading: `${visible(checkout.branch)} @ ${checkout.sha.slice(0, 7)}  ${visible(checkout.subject)}`,
    origin: suite.origin,
    settings: suite.settings,
    upload: isUpload ? { root: checkout.root, sha: checkout.sha } : undefined,
    warnings: [...uncommitted(checkout), ...withoutSecrets(suite, options.env), ...withoutSettings(suite)],
  });
}

/**
 * Decides how the server gets the commit: it fetches it from the remote, or, on this machine, receives an upload.
 *
 * @throws CliError `usage` if a server elsewhere could not fetch it.
 */
async function placeOf(git: Git, checkout: Checkout, server: ServerKind): Promise<Place> {
  const ownUrl = pathToFileURL(checkout.root).href;
  if (server === 'own') return { url: ownUrl, isUpload: false };
  const remote = await remoteOf(git, checkout);
  if (remote?.hasCommit === true && isNetworkUrl(remote.url)) return { url: remote.url, isUpload: false };
  if (server === 'near') return { url: ownUrl, isUpload: true };
  if (remote === undefined) {
    throw usageError(
      'This checkout has no remote named origin that the server could fetch from.',
      'Run on this machine with --local, or name a repository with --repo.',
    );
  }
  throw usageError(
    `The commit ${checkout.sha.slice(0, 7)} is not on origin, from which the server would fetch it.`,
    'Push it first, or run on this machine with --local.',
  );
}

interface Place {
  readonly url: string;
  /** The server cannot fetch the commit, so it is uploaded. */
  readonly isUpload: boolean;
}

/** A path or a `file:` URL is on this machine, and the server may not read it. */
function isNetworkUrl(url: string): boolean {
  return /^(?:https?|ssh|git):\/\//i.test(url) || /^[\w.-]+@[\w.-]+:/.test(url);
}

function uncommitted(checkout: Checkout): string[] {
  return checkout.isDirty ? ['Uncommitted changes are not part of the run.'] : [];
}

function withoutSecrets({ secretNames = [] }: ChosenSuite, given: RunOptions['env']): string[] {
  const missing = secretNames.filter((name) => given[name] === undefined);
  if (missing.length === 0) return [];
  return [
    `${missing.join(', ')}: only runs on GitHub get the secrets of a suite. Pass the values with --env.`,
  ];
}

function withoutSettings({ unused = [] }: Pick<ChosenSuite, 'unused'>): string[] {
  if (unused.length === 0) return [];
  const deploy = unused.includes('deploy') ? ' This run does not deploy.' : '';
  return [`${unused.join(', ')}: only runs on GitHub use these settings.${deploy}`];
}

function requestOf(
  { unique }: PlanDeps,
  options: RunOptions,
  suite: ChosenSuite,
  place: Pick<RunRequest, 'repo_url' | 'branch' | 'sha'>,
): RunRequest {
  const env = { ...suite.env, ...options.env };
  return {
    ...place,
    test_command: suite.command,
    idempotency_key: unique(),
    ...omitUndefined({
      suite: options.suite ?? suite.name,
      setup: options.setup ?? suite.setup,
      shell: suite.shell,
      rerun: suite.rerun,
      stack: options.stack ?? suite.stack,
      env: Object.keys(env).length === 0 ? undefined : env,
      timeout_seconds: options.timeoutSeconds ?? suite.timeoutSeconds,
      cpu: options.cpu ?? suite.cpuUnits,
      memory: options.memory ?? suite.memoryMib,
      image: options.image ?? suite.image,
      junit: copyOf(options.junit ?? suite.junit),
      artifacts: copyOf(options.artifacts ?? suite.artifacts),
      retries: options.retries ?? suite.retries,
      cache: suite.caches?.map(({ name, key, paths }) => ({ name, key: [...key], paths: [...paths] })),
      services: suite.services && servicesRequest(suite.services),
      checkout: suite.checkout === undefined ? undefined : checkoutRequest(suite.checkout),
    }),
  };
}

/** In the units of the API. Only runs on GitHub get the credentials of registries. */
function servicesRequest(services: readonly Service[]): NonNullable<RunRequest['services']> {
  return Object.fromEntries(
    services.map(({ name, cpuUnits, memoryMib, timeoutSeconds, credentials: _, ...service }) => [
      name,
      {
        ...service,
        env: { ...service.env },
        ports: [...service.ports],
        cpu: cpuUnits / 1024,
        memory: memoryMib,
        timeout: timeoutSeconds,
      },
    ]),
  );
}

/** Copies a list, because the types of the client have no readonly lists. */
function copyOf(list: readonly string[] | undefined): string[] | undefined {
  return list && [...list];
}

function checkoutRequest({ fetchDepth, ...checkout }: NonNullable<ChosenSuite['checkout']>) {
  return omitUndefined({ ...checkout, fetch_depth: fetchDepth });
}
