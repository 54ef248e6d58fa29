import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CheckContext } from '../../../../app/core/model/check-view.ts';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../../app/core/model/outcome.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { checkView } from '../../../../app/core/results/check-view.ts';
import { aFailure, anEndedRun, aRun } from '../../../helpers/a-run.ts';
import { anyCharacter } from '../../../helpers/any-character.ts';
import { cases } from '../../../helpers/cases.ts';

const context: CheckContext = {
  links: { run: 'https://berth.example/runs/01RUN', report: 'https://berth.example/runs/01RUN/report' },
};
const tests = { total: 42, passed: 39, failed: 2, skipped: 1, durationSeconds: 12 };
const bytes = (text: string): number => Buffer.byteLength(text);

describe('the check run of any run', () => {
  it('mentions no one and no other repository', () => {
    const hostile = 'see octo-org/shop#12, @octo-org/team, ![x](https://x.example/x) and <img src=x>';
    const warnings = [{ code: 'x', message: hostile }];
    const { text = '' } = checkView(anEndedRun('succeeded', { warnings }), context);
    expect(text).toContain('octo-org/shop\\#\u200b12, @\u200bocto-org/team, \\!\\[x\\]\\(https');
    expect(text).toContain('&lt;img');
  });

  it('is written in linear time', () => {
    const hostile = `${' '.repeat(300_000)}x`;
    const failures = [{ ...aFailure(), message: hostile, details: hostile }];
    const begun = performance.now();
    const run = anEndedRun('failed', { failures, logTail: [hostile] });
    expect(bytes(checkView(run, context).summary)).toBeGreaterThan(0);
    // A quadratic pattern takes half a minute.
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('the check run of a run that has not ended', () => {
  it('is queued at first, under the name of the required check', () => {
    expect(checkView(aRun(), context)).toMatchObject({
      name: 'berth/unit',
      status: 'queued',
      title: 'Queued',
      detailsUrl: 'https://berth.example/runs/01RUN',
      actions: [{ identifier: 'cancel' }],
    });
  });

  it('is pending with the position and the holders of the stacks', () => {
    const view = checkView(aRun({ state: 'waiting', waiting: { reason: 'line', position: 2 } }), {
      ...context,
      holders: [{ stackName: 'test-1', heldBy: 'pull request #7', since: new Date('2026-11-02T09:30:00Z') }],
    });
    expect(view).toMatchObject({ status: 'queued', title: 'Waiting for a stack: 2nd in the queue' });
    expect(view.conclusion).toBeUndefined();
    expect(view.summary).toContain('| `test-1` | pull request \\#7 | 2026-11-02 09:30 UTC |');
    expect(view.summary).toContain('Waiting is not a failure');
  });

  it.each([
    ['running', undefined, 'Tearing down test-1'],
    ['succeeded', 'success', 'test-1 was torn down'],
    ['failed', 'neutral', 'Teardown failed; test-1 is dirty'],
    ['errored', 'neutral', 'Teardown failed; test-1 is dirty'],
    ['timed_out', 'neutral', 'Teardown timed out after 10m; test-1 is dirty'],
    ['cancelled', 'neutral', 'Teardown canceled; test-1 is dirty'],
  ] as const)(
    'of a teardown that is %s concludes as %s and never mentions tests',
    (state, conclusion, title) => {
      const run = aRun({ state, held: { stackName: 'test-1', token: 2, isNew: false } });
      const spec = { ...run.spec, teardownOf: runId('01FIRST'), timeoutSeconds: 600 };
      const view = checkView({ ...run, spec }, context);
      expect([view.title, view.conclusion]).toEqual([title, conclusion]);
      expect(view.summary).not.toContain('Retest');
    },
  );

  it('reports that another run of the pull request has its turn', () => {
    const view = checkView(aRun({ state: 'waiting', waiting: { reason: 'turn' } }), context);
    expect(view.title).toBe('Waiting for its turn on the stack');
  });

  it('stays queued with its position while other runs must end', () => {
    const view = checkView(aRun({ waiting: { reason: 'capacity', position: 3 } }), context);
    expect(view).toMatchObject({ status: 'queued', title: 'Waiting for a free slot: 3rd in the queue' });
    expect(view.summary).toContain('**3rd in the queue**');
  });

  it('shows the phase and a link to the log while it runs', () => {
    const phases = [
      { name: 'fetch' as const, startedAt: '2026-11-02T10:01:00Z', finishedAt: '2026-11-02T10:01:03Z' },
      { name: 'test' as const, startedAt: '2026-11-02T10:01:03Z' },
    ];
    const view = checkView(
      aRun({ state: 'running', phases, startedAt: new Date('2026-11-02T10:01:00Z') }),
      context,
    );
    expect(view).toMatchObject({ status: 'in_progress', title: 'Running tests' });
    expect(view.summary).toContain('[Follow the log](https://berth.example/runs/01RUN)');
  });

  it('does not change while nothing changes but the time', () => {
    const run = aRun({ state: 'running', startedAt: new Date('2026-11-02T10:01:00Z') });
    expect(checkView({ ...run, updatedAt: new Date('2026-11-02T11:00:00Z') }, context)).toEqual(
      checkView(run, context),
    );
  });
});

describe('the check run of a run that has ended', () => {
  it('reports success with the count, the time, and the cost', () => {
    const run = anEndedRun('succeeded', {
      exitCode: 0,
      tests: { ...tests, passed: 41, failed: 0 },
      costUsd: 0.00312,
      summary: '41 of 42 tests passed, 1 skipped.',
    });
    const view = checkView(run, context);
    expect(view).toMatchObject({
      status: 'completed',
      conclusion: 'success',
      title: '41 tests passed, 1 skipped in 1m 12s',
    });
    expect(view.summary).toContain('| Estimated cost | $0.0031 |');
  });

  it('says that no test ran', () => {
    const none = { total: 0, passed: 0, failed: 0, skipped: 0, durationSeconds: 0 };
    const run = anEndedRun('succeeded', { exitCode: 0, tests: none });
    expect(checkView(run, context).title).toBe('The command passed in 1m 12s, and no test ran');
  });

  it('counts the flaky tests of a run that passed', () => {
    const run = anEndedRun('succeeded', {
      exitCode: 0,
      tests: { ...tests, passed: 41, failed: 0, flaky: 2 },
    });
    expect(checkView(run, context)).toMatchObject({ title: '41 tests passed, 1 skipped, 2 flaky in 1m 12s' });
  });

  it('shows the first failures on one screen, with line, message, and what to do', () => {
    const view = checkView(
      anEndedRun('failed', { tests, failures: [aFailure(), aFailure({ name: 'other' })], hasReport: true }),
      context,
    );
    expect(view).toMatchObject({ conclusion: 'failure', title: '2 of 42 tests failed' });
    expect(view.summary).toContain(
      'First failure: `adds up the prices` at `src/cart.test.ts:14`\n\n```text\nExpected: 3\nReceived: 4\n```',
    );
    expect(view.summary).toContain('[Report](https://berth.example/runs/01RUN/report)');
    expect(view.summary).toContain('comment `/retest unit`');
    expect(view.summary.split('\n').length).toBeLessThan(40);
    expect(view.text).toContain('## 2 failed tests');
    expect(view.text).toContain('### `cart › other`');
  });

  it('marks the failing lines', () => {
    const view = checkView(
      anEndedRun('failed', { tests, failures: [aFailure(), aFailure({ file: '/etc/passwd' })] }),
      context,
    );
    expect(view.annotations).toEqual([
      {
        path: 'src/cart.test.ts',
        line: 14,
        level: 'failure',
        title: 'adds up the prices',
        message: 'Expected: 3\nReceived: 4',
        details: 'Expected: 3\nReceived: 4\n    at src/cart.test.ts:14:5',
      },
    ]);
  });

  it('contains the end of the log', () => {
    const view = checkView(anEndedRun('failed', { logTail: ['one', 'two'] }), context);
    expect(view.text).toContain('## The last 2 lines of the log\n\n```text\none\ntwo\n```');
  });

  it('shows the exit code if there are no tests', () => {
    expect(checkView(anEndedRun('failed', { exitCode: 3 }), context).title).toBe(
      'The command failed with exit code 3',
    );
  });

  it('reports that the infrastructure failed, not the tests', () => {
    const run = anEndedRun('errored', {
      exitCode: null,
      summary: 'The image could not be pulled.',
      errorCode: 'image_not_found',
    });
    const view = checkView(run, context);
    expect(view).toMatchObject({ conclusion: 'failure', title: 'Berth could not run the tests' });
    expect(view.summary).toContain('This is not a result for the change.** The image could not be pulled.');
    expect(view.summary).toContain('docs/troubleshooting.md explains `image_not_found`');
  });

  it.each([
    ['timed_out', 'timed_out', 'Timed out after 30m'],
    ['cancelled', 'cancelled', 'Canceled'],
  ] as const)('concludes %s as %s', (state, conclusion, title) => {
    expect(checkView(anEndedRun(state, {}), context)).toMatchObject({ conclusion, title });
  });

  it('concludes a skipped suite as neutral, with the reason', () => {
    const run = aRun({
      state: 'skipped',
      outcome: outcomeWithoutResult('No changed file is one that the suite runs for.'),
    });
    const view = checkView(run, context);
    expect(view).toMatchObject({
      status: 'completed',
      conclusion: 'neutral',
      title: 'Not run for this change',
    });
    expect(view.summary).toContain('No changed file is one that the suite runs for.');
  });

  it('lists mistakes in the settings with their lines, without a retest button', () => {
    const failures = [
      {
        name: 'suites.unit.timeout',
        group: '',
        file: '.github/berth.yml',
        line: 4,
        message: 'A duration such as 90s, 10m or 1h30m.',
      },
    ];
    const view = checkView(
      anEndedRun('errored', { errorCode: 'settings_invalid', failures }, {}, { suite: 'settings' }),
      context,
    );
    expect(view).toMatchObject({
      name: 'berth/settings',
      conclusion: 'failure',
      title: '1 mistake in .github/berth.yml',
      actions: [],
    });
    expect(view.text).toContain('- Line 4: `suites.unit.timeout`: A duration such as 90s, 10m or 1h30m.');
    expect(view.annotations).toMatchObject([{ path: '.github/berth.yml', line: 4 }]);
  });

  it('has a button for its failed tests only, where it has any', () => {
    const identifiers = (run: Run) => checkView(run, context).actions.map(({ identifier }) => identifier);
    expect(identifiers(anEndedRun('failed', { tests }))).toEqual(['retest-failed', 'retest']);
    expect(identifiers(anEndedRun('failed', {}))).toEqual(['retest']);
    expect(identifiers(anEndedRun('succeeded', { tests }))).toEqual(['retest']);
  });

  it('names the tests that passed on a retry as flaky', () => {
    const passedOnRetry = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `sums › ${name} @octo`);
    const outcome = { tests: { ...tests, failed: 0, flaky: 8, earlier: 34 }, passedOnRetry };
    const { summary } = checkView(
      anEndedRun('succeeded', outcome, { failedOnly: true, attempt: 2 }),
      context,
    );
    expect(summary).toContain('Passed on retry, so flaky: `sums › a @octo`');
    expect(summary).toContain('`sums › e @octo`, and 3 more.');
  });

  it('reports automatic retries, and when only a later attempt passed', () => {
    const failed = checkView(anEndedRun('failed', { tests }, {}, { retries: 1 }), context);
    const passed = checkView(anEndedRun('succeeded', { tests }, { attempt: 2 }, { retries: 1 }), context);
    expect(failed.summary).toContain('retries them automatically');
    expect(passed.title).toMatch(/on attempt 2$/);
    expect(passed.summary).toContain('may be flaky');
  });

  it('has a button to release the stack of the pull request', () => {
    const held = { stackName: 'test-1', token: 1, isNew: false };
    const stack = { holder: holder.pullRequest(7), hold: 'pull_request' as const, shares: false };
    const view = checkView(anEndedRun('succeeded', {}, { held }, { stack }), context);
    expect(view.actions.map((action) => action.identifier)).toEqual(['retest', 'release']);
  });
});

describe('untrusted text in a check run', () => {
  const hostile =
    '``` </details><script>alert(1)</script> @octo-org/everyone | # [x](javascript:1)\u001b[31mred\u202e ````';

  it('stays inside code, mentions no one, and is not HTML', () => {
    const run = anEndedRun('failed', {
      tests,
      summary: hostile,
      failures: [aFailure({ name: hostile, group: hostile, message: hostile, details: hostile })],
      warnings: [{ code: 'x', message: hostile }],
      logTail: [hostile, '```', '@dana'],
    });
    const { summary, text } = checkView(run, context);
    const outside = (markdown: string): string =>
      markdown.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '').replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
    for (const markdown of [outside(summary), outside(text)]) {
      expect(markdown).not.toMatch(/<\w|@\w|\]\(javascript/);
    }
    expect(summary + text).not.toContain('\u001b');
    expect(summary + text).not.toContain('\u202e');
  });

  it("never exceeds GitHub's limit, and reports what was left out", () => {
    const failures = Array.from({ length: 100 }, (_, index) =>
      aFailure({ name: `test ${index}`, message: 'é'.repeat(4_000), details: '€'.repeat(4_000) }),
    );
    const logTail = Array.from({ length: 100 }, () => '漢'.repeat(2_000));
    const view = checkView(
      anEndedRun('failed', { tests: { ...tests, failed: 3_000, total: 4_000 }, failures, logTail }),
      context,
    );
    expect(bytes(view.text)).toBeLessThanOrEqual(65_535);
    expect(bytes(view.summary)).toBeLessThanOrEqual(65_535);
    expect(view.text).toMatch(/… and 2,99\d more failed tests/);
    expect(view.text).toMatch(/## The last \d+ lines of the log/);
    expect(view.annotations).toHaveLength(100);
  });

  it("stays within GitHub's limits for any text", () => {
    const text = fc.string({ unit: anyCharacter, maxLength: 3_000 });
    const failure = fc.record({ name: text, group: text, file: text, message: text, details: text });
    const states = fc.constantFrom<Run['state']>(
      'failed',
      'errored',
      'timed_out',
      'cancelled',
      'skipped',
      'succeeded',
    );
    fc.assert(
      fc.property(
        states,
        text,
        fc.array(failure, { maxLength: 20 }),
        fc.array(text, { maxLength: 60 }),
        (state, summary, failures, logTail) => {
          const view = checkView(
            anEndedRun(state, { tests, summary, failures, logTail }, {}, { command: summary || 'x' }),
            context,
          );
          expect(bytes(view.text)).toBeLessThanOrEqual(65_535);
          expect(bytes(view.summary)).toBeLessThanOrEqual(65_535);
          for (const { path, title, message } of view.annotations) {
            expect(path).not.toMatch(/^\/|^$/);
            expect(title.length).toBeLessThanOrEqual(255);
            expect(bytes(message)).toBeLessThanOrEqual(65_535);
          }
          for (const { label, identifier, description } of view.actions) {
            expect([label.length <= 20, identifier.length <= 20, description.length <= 40]).toEqual([
              true,
              true,
              true,
            ]);
          }
        },
      ),
      { numRuns: cases(10) },
    );
  });
});
