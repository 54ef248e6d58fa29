import { describe, expect, it } from '@jest/globals';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { Outcome } from '../../../../app/core/model/outcome.ts';
import type { Run, RunSpec } from '../../../../app/core/model/run.ts';
import { rerunOfFailed } from '../../../../app/core/runs/rerun-of-failed.ts';
import { aFailure, anEndedRun, aRun } from '../../../helpers/a-run.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

const tests = { total: 5_000, passed: 4_999, failed: 1, skipped: 0, durationSeconds: 60 };

async function partOf(
  earlier: {
    outcome?: Partial<Outcome>;
    state?: Run['state'];
    change?: Partial<Run>;
    spec?: Partial<RunSpec>;
  },
  run: Partial<Run> = {},
  spec: Partial<RunSpec> = {},
) {
  const store = memoryStore();
  const { state = 'failed', outcome = {}, change = {} } = earlier;
  await store.runs.create(
    anEndedRun(state, { tests, ...outcome }, { id: runId('first'), ...change }, earlier.spec),
  );
  const retry = aRun({ id: runId('second'), retryOf: runId('first'), failedOnly: true, ...run }, spec);
  return rerunOfFailed({ store, grantRead: async (key) => `signed:${key}` }, retry);
}

describe('the job of a run that retests failed tests', () => {
  it('names the results of the earlier run, and how to run its failed tests', async () => {
    expect(await partOf({}, {}, { rerun: 'npx jest {files}' })).toEqual({
      rerun: {
        of: 'first',
        sha: aRun().sha,
        totals: tests,
        testsUrl: 'signed:runs/first/tests.json',
        command: 'npx jest {files}',
      },
    });
  });

  it('has no such part where the whole suite is wanted', async () => {
    const { failedOnly: _, ...run } = aRun({ retryOf: runId('first') });
    const grantRead = async () => '';
    expect(await rerunOfFailed({ store: memoryStore(), grantRead }, run)).toEqual({});
  });

  const cut = { warnings: [{ code: 'tests_cut', message: '' }] };
  it.each([
    '[ERROR] Failed to execute goal org.apache.maven.plugins:maven-surefire-plugin:3.2.5:test (default-test)',
    "Execution failed for task ':b:integrationTest'.",
    'Much ado!!! Tests failed !!',
  ])('selects the failed tests after %s', async (line) => {
    expect((await partOf({ outcome: { logTail: [line] } })).rerun).toBeDefined();
  });

  it.each<[string, Parameters<typeof partOf>]>([
    ['did not finish', [{ state: 'timed_out' }]],
    ['did not finish', [{ state: 'errored' }]],
    ['another commit', [{}, { sha: 'f'.repeat(40) }]],
    ['another commit', [{ change: { projectId: projectId('other') } }]],
    ['another command', [{}, {}, { command: 'npm run all' }]],
    ['another command', [{}, {}, { suite: 'e2e' }]],
    ['another command', [{}, {}, { untrusted: true }]],
    ['no tests', [{ outcome: { tests: { ...tests, total: 0, failed: 0 } } }]],
    ['and no test', [{ outcome: { tests: { ...tests, failed: 0 } } }]],
    ['more than 500', [{ outcome: { tests: { ...tests, failed: 501 } } }]],
    ['incomplete', [{ outcome: cut }]],
    ['before its last test', [{ outcome: { logTail: ['!!!! stopping after 1 failures !!!!'] } }]],
    ['before its last test', [{ outcome: { logTail: ['  Cancelling due to test failure'] } }]],
    ...[
      '\x1b[31m!!!!! xdist.dsession.Interrupted: maximum crashed workers reached: 1 !!!!!\x1b[0m',
      '!!!!!!!!!! _pytest.outcomes.Exit: no database !!!!!!!!!!',
      'Fatal Python error: Segmentation fault',
      'An error occurred outside of examples.',
      '[\x1b[1;34mINFO\x1b[m] b .......................... \x1b[1;33mSKIPPED\x1b[m',
      '[ERROR] The forked VM terminated without properly saying goodbye. VM crash or System.exit called?',
      '[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.1:compile (default)',
      "Execution failed for task ':b:compileTestJava'.",
    ].map((line): [string, Parameters<typeof partOf>] => [
      'before its last test',
      [{ outcome: { logTail: [line] } }],
    ]),
    ['before its last test', [{ outcome: { failures: [aFailure({ details: 'panic: nil map' })] } }]],
    [
      'before its last test',
      [{ outcome: { failures: [aFailure({ details: 'x\nThe test did not finish.' })] } }],
    ],
    ['deleted', [{}, { retryOf: runId('gone') }]],
  ])('says why the whole suite runs: %s (%#)', async (reason, given) => {
    const { rerun, notices } = await partOf(...given);
    expect(rerun).toBeUndefined();
    expect(notices).toEqual([{ code: 'whole_suite', message: expect.stringContaining(reason) }]);
  });
});
