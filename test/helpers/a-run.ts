import { projectId, runId } from '../../app/core/model/ids.ts';
import { type Outcome, outcomeWithoutResult } from '../../app/core/model/outcome.ts';
import type { Run, RunSpec } from '../../app/core/model/run.ts';
import type { TestFailure } from '../../app/core/model/test-results.ts';

/** A run as a push to a pull request's branch makes it, with what a test says otherwise. */
export function aRun(change: Partial<Run> = {}, spec: Partial<RunSpec> = {}): Run {
  const at = new Date('2026-11-02T10:00:00Z');
  return {
    id: runId('01RUN'),
    projectId: projectId('gh-1001'),
    spec: {
      suite: 'unit',
      source: { kind: 'git', url: 'https://github.com/octo-org/shop.git' },
      branch: 'topic',
      command: 'npm test',
      env: {},
      secrets: {},
      cpuUnits: 1024,
      memoryMib: 2048,
      timeoutSeconds: 1800,
      junit: [],
      artifacts: [],
      retries: 0,
      untrusted: false,
      ...spec,
    },
    trigger: { kind: 'pull_request', actor: 'dana' },
    state: 'queued',
    revision: 1,
    sha: '0123456789abcdef0123456789abcdef01234567',
    attempt: 1,
    createdAt: at,
    updatedAt: at,
    stateSince: at,
    launches: 0,
    phases: [],
    ...change,
  };
}

/** A run that ran for 72 seconds. */
export function anEndedRun(
  state: Run['state'],
  outcome: Partial<Outcome>,
  change: Partial<Run> = {},
  spec: Partial<RunSpec> = {},
): Run {
  return aRun(
    {
      state,
      startedAt: new Date('2026-11-02T10:01:00Z'),
      finishedAt: new Date('2026-11-02T10:02:12Z'),
      launches: 1,
      outcome: { ...outcomeWithoutResult('2 of 42 tests failed.'), exitCode: 1, ...outcome },
      ...change,
    },
    spec,
  );
}

export function aFailure(change: Partial<TestFailure> = {}): TestFailure {
  return {
    name: 'adds up the prices',
    group: 'cart',
    file: 'src/cart.test.ts',
    line: 14,
    message: 'Expected: 3\nReceived: 4',
    details: 'Expected: 3\nReceived: 4\n    at src/cart.test.ts:14:5',
    ...change,
  };
}
