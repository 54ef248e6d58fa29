import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestCase, testCasesSchema } from '../../../../app/core/model/test-results.ts';
import type { GitRepository } from './git-repository.ts';
import { type FinishedRunner, type JobParts, runRunner } from './run-runner.ts';
import { startUploadServer } from './upload-server.ts';

interface Attempt extends FinishedRunner {
  readonly cases: readonly TestCase[];
}

/**
 * Runs a command, and then only its failed tests.
 *
 * @param job `STATE` in the environment of its commands is a directory that both runs have, for flaky tests.
 */
export async function retest(
  repository: GitRepository,
  job: Omit<JobParts, 'source'>,
  rerun: { command?: string; sha?: string } = {},
): Promise<{ first: Attempt; second: Attempt }> {
  const env = { ...job.env, STATE: await mkdtemp(join(tmpdir(), 'berth-test-state-')) };
  const source = { kind: 'git', url: repository.url, branch: 'main' } as const;
  const first = await attempt({ ...job, env, source, runId: 'first' });
  const { tests: totals, sha } = first.result;
  if (totals === undefined || sha === undefined)
    throw new Error(`The first run has no results:\n${first.output}`);
  const server = await startUploadServer();
  server.serve('/earlier', first.server.upload('/tests')?.body ?? '');
  const of = { of: 'first', sha, totals, testsUrl: `${server.url}/earlier`, ...rerun };
  const second = await attempt({ ...job, env, source, runId: 'second', rerun: of }, server);
  return { first, second };
}

async function attempt(
  parts: JobParts,
  server?: Awaited<ReturnType<typeof startUploadServer>>,
): Promise<Attempt> {
  const run = await runRunner(parts, server === undefined ? {} : { server });
  const document = run.server.upload('/tests')?.body.toString('utf8');
  return { ...run, cases: document === undefined ? [] : testCasesSchema.parse(JSON.parse(document)).cases };
}
