import type { Job, JobResult } from '../../app/core/model/job.ts';
import { omitUndefined } from '../../app/lib/omit-undefined.ts';
import { cutText } from './output/run-log.ts';
import type { CheckedOut } from './process/command-env.ts';
import { makePipes } from './process/output-pipe.ts';
import type { TestFindings } from './results/collect-tests.ts';
import { runCommands } from './run-commands.ts';
import { markCheckout } from './run-mark.ts';
import { errorText, RunnerError } from './runner-error.ts';
import { checkoutSource } from './source/checkout-source.ts';
import type { SuiteDeps } from './suite-deps.ts';
import type { CommandsEnd, SuiteEnd } from './suite-end.ts';

/** Fetches the source and runs the suite's commands. Never throws: a failure is an end of the run. */
export async function runSuite(job: Job, deps: SuiteDeps): Promise<SuiteEnd> {
  let known: Pick<SuiteEnd, 'sha' | 'commit' | 'startedAtMs' | 'caches'> = {};
  // Created while git runs. A failure is thrown when the pipes are needed.
  const making = makePipes(deps.workspace.private, ['setup', 'test', 'rerun']);
  making.catch(() => undefined);
  try {
    const source = await fetchSource(job, deps);
    known = { sha: source.sha, ...omitUndefined({ commit: source.commit }) };
    deps.onCheckout(source);
    const warnings = await warningsOf(job, deps);
    const { commandDirectory } = await import('./source/complete-checkout.ts');
    const cwd = await commandDirectory(deps.workspace.checkout, job.checkout);
    if (job.caches.length > 0) {
      const { restoreCaches } = await import('./cache/suite-caches.ts');
      known = { ...known, caches: await restoreCaches(job, { ...deps, home: homeOf(job, deps) }) };
    }
    if (job.services.length > 0) {
      const { waitForServices } = await import('./services.ts');
      await waitForServices(job.services, { signal: deps.cancellation.requested, now: deps.now });
    }
    const mark = markCheckout(deps.workspace.private);
    const pipes = await making;
    const startedAtMs = mark.start();
    known = { ...known, startedAtMs };
    const end = await runCommands(job, source, {
      ...deps,
      pipes,
      startedAtMs,
      cwd,
      readTests: (of, ended) => readTests(of, { ...known, ...ended }, deps),
    });
    const servicesDown = await servicesDownAfter(job, end);
    return {
      ...known,
      ...end,
      ...omitUndefined({ servicesDown }),
      warnings: [...warnings, ...(end.warnings ?? []), ...cutWarning(job, deps)],
    };
  } catch (error) {
    if (deps.cancellation.requested.aborted) return { outcome: 'cancelled', exitCode: null, ...known };
    return { outcome: 'errored', exitCode: null, error: asRunnerError(error), ...known };
  }
}

async function readTests(job: Job, end: SuiteEnd, { workspace, secrets }: SuiteDeps): Promise<TestFindings> {
  const [{ readCheckout }, { createTextMask }] = await Promise.all([
    import('./read-checkout.ts'),
    import('./output/secret-masker.ts'),
  ]);
  // Without results the whole suite runs.
  const orWarn = <T>(_what: string, work: Promise<T>, otherwise: T) => work.catch(() => otherwise);
  const { tests } = await readCheckout(job, end, { workspace, mask: createTextMask(secrets), orWarn });
  return tests;
}

/** The services that a command may have failed of. */
async function servicesDownAfter(
  { services }: Job,
  { outcome }: Pick<CommandsEnd, 'outcome'>,
): Promise<string[] | undefined> {
  if (services.length === 0 || (outcome !== 'failed' && outcome !== 'timed_out')) return undefined;
  const { servicesDown } = await import('./services.ts');
  const down = await servicesDown(services);
  return down.length === 0 ? undefined : down;
}

/** The home directory of the commands. */
function homeOf({ env, secretEnv }: Job, { baseEnv, workspace }: SuiteDeps): string {
  return secretEnv.HOME ?? env.HOME ?? baseEnv.HOME ?? workspace.temporary;
}

async function fetchSource(
  job: Job,
  { workspace, log, cancellation, baseEnv }: SuiteDeps,
): Promise<CheckedOut> {
  log.say(`Run ${job.runId}: suite ${job.suite}, project ${job.project}.`);
  const source = await checkoutSource(job.source, {
    directory: workspace.checkout,
    privateDirectory: workspace.private,
    env: baseEnv,
    signal: cancellation.requested,
    checkout: job.checkout,
  });
  log.say(`Checked out ${source.sha} of ${JSON.stringify(job.source.branch)}.`);
  return source;
}

/** Writes warnings to the start of the log, and returns them for the result. */
async function warningsOf(job: Job, { workspace, log }: SuiteDeps): Promise<JobResult['warnings']> {
  const { warnOfIncomplete } = await import('./source/complete-checkout.ts');
  const incomplete = await warnOfIncomplete(workspace.checkout, job.checkout, job.source.kind);
  const warnings = [...job.notices, ...incomplete];
  for (const { message } of warnings) log.say(`Warning: ${message}`);
  return warnings;
}

function cutWarning({ limits }: Job, { log }: Pick<SuiteDeps, 'log'>): JobResult['warnings'] {
  if (!log.isCut || limits.logBytes === undefined) return [];
  return [{ code: 'log_cut', message: cutText(limits.logBytes) }];
}

function asRunnerError(error: unknown): RunnerError {
  if (error instanceof RunnerError) return error;
  return new RunnerError('runner_failed', `The runner failed: ${errorText(error)}.`, error);
}
