import { join } from 'node:path';
import type { Job, JobResult } from '../../app/core/model/job.ts';
import type { Cancellation } from './cancellation.ts';
import type { RequestBody } from './http/http-request.ts';
import { bytesBody } from './http/put-target.ts';
import type { UploadName, UploadTargets } from './http/upload-targets.ts';
import type { RunLog } from './output/run-log.ts';
import { errorText } from './runner-error.ts';
import type { Findings } from './suite-end.ts';
import { testsDocument } from './tests-document.ts';
import type { Workspace } from './workspace.ts';

type Warning = JobResult['warnings'][number];

export interface UploadDeps {
  readonly job: Job;
  readonly targets: UploadTargets;
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly cancellation: Cancellation;
}

/**
 * Uploads report, tests, and artifacts in parallel.
 *
 * @returns the findings that were uploaded. The others are left out, with a warning.
 */
export async function uploadFindings(findings: Findings, deps: UploadDeps): Promise<Findings> {
  const { job, targets } = deps;
  const { tests, artifacts, report } = findings;
  const warnings: Warning[] = [...findings.warnings];
  const signal = deps.cancellation.uploadsEnd;

  async function upload(
    what: string,
    target: UploadName,
    contentType: string,
    open: () => Promise<RequestBody>,
  ) {
    try {
      await targets.put(target, await open(), { contentType, signal });
      return true;
    } catch (error) {
      const reason = signal.aborted ? 'the run was canceled.' : errorText(error);
      const message = `${what} could not be uploaded: ${reason}`;
      deps.log.say(message);
      warnings.push({ code: 'upload_failed', message });
      return false;
    }
  }

  const [, , hasArtifacts] = await Promise.all([
    report === undefined ||
      upload('The report', 'report', 'text/html; charset=utf-8', async () => bytesBody(report)),
    tests.totals === undefined ||
      upload('The list of tests', 'tests', 'application/json', async () => {
        const { json, leftOut } = testsDocument(job.runId, tests.cases, targets.current().tests.maxBytes);
        if (leftOut > 0) {
          warnings.push({
            code: 'tests_cut',
            message: `${leftOut} tests are missing from the list, which has a size limit.`,
          });
        }
        return bytesBody(json);
      }),
    artifacts.length === 0 ||
      upload('The artifacts', 'artifacts', 'application/gzip', async () => packed(findings, deps)),
  ]);
  return { ...findings, warnings, artifacts: hasArtifacts ? artifacts : [] };
}

/**
 * Uploads the result. This is the last step of a run: everything else is uploaded by then.
 *
 * @throws HttpFailure, or an error of the file system
 */
export async function uploadResult(
  result: JobResult,
  { targets, cancellation }: Pick<UploadDeps, 'targets' | 'cancellation'>,
): Promise<void> {
  await targets.put('result', bytesBody(JSON.stringify(result)), {
    contentType: 'application/json',
    signal: cancellation.resultEnds,
  });
}

async function packed(
  { artifacts }: Findings,
  { workspace, cancellation }: UploadDeps,
): Promise<RequestBody> {
  const { packArtifacts } = await import('./artifacts/pack-artifacts.ts');
  return packArtifacts({
    checkout: workspace.checkout,
    paths: artifacts.map(({ path }) => path),
    archive: join(workspace.private, 'artifacts.tar.gz'),
    signal: cancellation.uploadsEnd,
  });
}
