import { setTimeout } from 'node:timers/promises';
import type { Commit, Job, JobResult } from '../../app/core/model/job.ts';
import { omitUndefined } from '../../app/lib/omit-undefined.ts';
import type { Cancellation } from './cancellation.ts';
import { exitCodeOf } from './exit-code.ts';
import { gatherFindings, noFindings } from './gather-findings.ts';
import { createProgressReporter } from './http/progress-reporter.ts';
import { createRoleCredentials } from './http/role-credentials.ts';
import { createUploadTargets, type UploadTargets } from './http/upload-targets.ts';
import { jobResult, maskedCommit } from './job-result.ts';
import { jobSecrets } from './job-secrets.ts';
import type { RunLog } from './output/run-log.ts';
import { createTextMask } from './output/secret-masker.ts';
import { baseEnv } from './process/command-env.ts';
import type { CredentialEndpoint } from './process/credential-endpoint.ts';
import type { ReportPage } from './report/build-report.ts';
import { createRunPhases } from './run-phases.ts';
import { runSuite } from './run-suite.ts';
import { errorText } from './runner-error.ts';
import type { Findings, SuiteEnd } from './suite-end.ts';
import { uploadFindings, uploadResult } from './upload-findings.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface RunJobDeps {
  /** The runner's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value of `BERTH_WORK_DIR`. */
  readonly workDirectory: string | undefined;
  readonly log: RunLog;
  readonly cancellation: Cancellation;
  readonly page: ReportPage;
  readonly now: () => Date;
}

/**
 * Runs a job from its checkout to the upload of its result.
 *
 * @returns the exit code of the runner
 */
export async function runJob(job: Job, deps: RunJobDeps): Promise<number> {
  const { log, cancellation, now } = deps;
  const secrets = jobSecrets(job);
  const mask = createTextMask(secrets);
  const targets = createUploadTargets(job, () => now().getTime());
  const endpoint = await startRoleEndpoint(job, { targets, secrets, now });
  const progress = createProgressReporter(() => targets.current().progress, job.progressDelaySeconds);
  let commit: Commit | undefined;
  const phases = createRunPhases(now, () =>
    progress.report({
      version: 1,
      runId: job.runId,
      phases: phases.list(),
      ...omitUndefined({ launch: job.launch, commit }),
    }),
  );
  phases.start('fetch');
  const workspace = await openWorkspace(deps.workDirectory);
  const tag = `${job.runId}-${process.pid}-${now().getTime()}`;
  const env = baseEnv({ own: deps.env, temporaryDirectory: workspace.temporary, tag });
  try {
    const end = await runSuite(job, {
      workspace,
      log,
      phases,
      cancellation,
      ownEnv: deps.env,
      baseEnv: env,
      roleEnv: endpoint?.env ?? {},
      secrets,
      now,
      onCheckout: (source) => {
        commit = source.commit && maskedCommit(source.commit, mask);
      },
    });
    if (end.error !== undefined) log.say(mask(end.error.message));

    await targets.renew(cancellation.uploadsEnd).catch((error: unknown) => {
      log.say(`The upload URLs could not be renewed: ${errorText(error)}`);
    });
    phases.start('report');
    const findings = await untilCancelled(
      gatherFindings(job, end, { ...deps, workspace, phases, mask }),
      cancellation,
    );

    phases.start('upload');
    const uploads = { job, targets, workspace, log, cancellation };
    const uploaded = await uploadFindings(findings, uploads);
    const caches = await cachesOf(end, phases.list(), targets, { ...deps, workspace });
    phases.finish();
    progress.stop();
    const wasCancelled = cancellation.requested.aborted && end.outcome !== 'cancelled';
    const finalEnd = wasCancelled ? { ...end, outcome: 'cancelled' as const } : end;
    const result = jobResult(job, finalEnd, uploaded, { phases: phases.list(), log, mask });
    await uploadResult({ ...result, ...caches }, uploads);
    return exitCodeOf(finalEnd, cancellation);
  } finally {
    endpoint?.close();
    await workspace.remove().catch(() => undefined);
  }
}

/** The endpoint for a suite with an AWS role. @param secrets receives what must not appear in the log. */
async function startRoleEndpoint(
  { credentials }: Job,
  { targets, secrets, now }: { targets: UploadTargets; secrets: string[]; now: () => Date },
): Promise<CredentialEndpoint | undefined> {
  if (credentials === undefined) return undefined;
  const { newEndpointToken, startCredentialEndpoint } = await import('./process/credential-endpoint.ts');
  const token = newEndpointToken();
  secrets.push(token);
  const current = createRoleCredentials(credentials, {
    renew: targets.renewal,
    onSecret: (secret) => secrets.push(secret),
    pause: (milliseconds) => setTimeout(milliseconds, undefined, { ref: false }),
    now: () => now().getTime(),
  });
  return startCredentialEndpoint(token, current);
}

/** The part of the result about caches. Only a run that succeeded saves them: others may have left half of their files. */
async function cachesOf(
  { caches, outcome }: SuiteEnd,
  phases: JobResult['phases'],
  targets: UploadTargets,
  deps: RunJobDeps & { workspace: Workspace },
): Promise<Pick<JobResult, 'caches' | 'cacheSavedSeconds'>> {
  if (caches === undefined) return {};
  const { saveCaches, savedSeconds } = await import('./cache/suite-caches.ts');
  const isSaved = outcome === 'succeeded' && !deps.cancellation.requested.aborted;
  const uses = isSaved
    ? await saveCaches(caches, phases, targets, { ...deps, home: caches.home })
    : caches.caches.map(({ use }) => use);
  return { caches: uses, ...omitUndefined({ cacheSavedSeconds: savedSeconds(caches, phases) }) };
}

/** A cancelled run does not wait for its report. */
async function untilCancelled(gathering: Promise<Findings>, { uploadsEnd }: Cancellation): Promise<Findings> {
  const ended = new Promise<Findings>((resolve) => {
    const give = () => resolve(noFindings('The run was canceled before its report was made.'));
    if (uploadsEnd.aborted) give();
    uploadsEnd.addEventListener('abort', give, { once: true });
  });
  return Promise.race([gathering, ended]);
}
