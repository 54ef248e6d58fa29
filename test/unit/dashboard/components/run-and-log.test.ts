import { describe, expect, it } from '@jest/globals';
import { type ComponentType, h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { RunDetails, RunSummary } from '../../../../app/dashboard/web/lib/api.ts';
import { AnsiText } from '../../../../app/dashboard/web/log/ansi-text.tsx';
import { createLogDocument } from '../../../../app/dashboard/web/log/log-document.ts';
import { LogExcerpt } from '../../../../app/dashboard/web/log/log-excerpt.tsx';
import { LogRow } from '../../../../app/dashboard/web/log/log-row.tsx';
import { contrast } from '../../../../app/dashboard/web/log/readable-color.ts';
import { Cause } from '../../../../app/dashboard/web/runs/cause.tsx';
import { latestOfSuites, unsuccessfulRuns } from '../../../../app/dashboard/web/runs/latest-of-suites.ts';
import { RunResult } from '../../../../app/dashboard/web/runs/run-result.tsx';
import { summaryOf } from '../../../../app/dashboard/web/runs/summary-of.ts';
import { DirtyCause } from '../../../../app/dashboard/web/stacks/dirty-cause.tsx';
import { Sentences } from '../../../../app/dashboard/web/ui/sentences.tsx';

function html<Props extends object>(component: ComponentType<Props>, props: NoInfer<Props>): string {
  return renderToString(h(component, props));
}

/** Returns what a person reads. */
function text<Props extends object>(component: ComponentType<Props>, props: NoInfer<Props>): string {
  return html(component, props)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.])/g, '$1')
    .trim();
}

// Only the fields that the components read.
const run = (fields: Partial<RunDetails>) =>
  ({
    id: 'r',
    project_id: 'p',
    suite: 'unit',
    state: 'failed',
    summary: '',
    error_code: null,
    failures: [],
    services: [],
    warnings: [],
    setup: null,
    test_command: 'npm test',
    log_tail: [],
    tests: null,
    report_url: null,
    teardown_of: null,
    deploy: null,
    cancelled: null,
    waiting: null,
    ...fields,
  }) as unknown as RunDetails;

const failure = (fields: Partial<RunDetails['failures'][number]> = {}) => ({
  name: 'adds',
  group: 'calculator',
  message: 'expected 4',
  file: null,
  line: null,
  details: null,
  ...fields,
});

const causeOf = (fields: Partial<RunDetails>, latest: readonly RunSummary[] = []) =>
  text(Cause, {
    run: run(fields),
    latest,
    comparison: undefined,
    log: undefined,
  });

describe('the cause of a run', () => {
  it('is the failed build, with the log, and no history of a test', () => {
    const shown = causeOf({
      failures: [failure({ group: 'build', name: 'a.ts:1', file: 'a.ts', line: 1, message: 'TS1: no' })],
      log_tail: ['a.ts:1:2 - error TS1: no'],
    });
    expect(shown).toBe('The build failed a.ts:1 TS1: no a.ts:1:2 - error TS1: no');
  });

  it('counts the failed tests that are not listed', () => {
    const tests = { total: 2, passed: 0, failed: 2, skipped: 0, duration_seconds: 1 };
    expect(causeOf({ failures: [failure()], tests })).toMatch(/^Failed tests adds .* 1 more failed test$/);
  });

  it('is the message and the details of a failed test, each once', () => {
    const details = 'at src/a.js:3';
    expect(causeOf({ failures: [failure({ details })] })).toMatch(/ expected 4 at src\/a.js:3$/);
    const whole = 'Error: expected\n  4\nat src/a.js:3';
    expect(causeOf({ failures: [failure({ details: whole })] })).toMatch(
      / Error: expected 4 at src\/a.js:3$/,
    );
  });

  it('says how many lines of the log are not shown, but not for a few', () => {
    const shownOf = (count: number) =>
      causeOf({ log_tail: ['Error: no anchor', ...Array.from({ length: count }, (_, at) => `line ${at}`)] });
    expect(shownOf(14)).not.toContain('not shown');
    expect(shownOf(15)).toContain('4 lines not shown');
  });

  it('is the command that failed, and its exit code', () => {
    expect(causeOf({ summary: 'The command failed. Exit code 3.' })).toBe(
      'The test command failed Exit code 3. $ npm test',
    );
    const setup = { state: 'errored', error_code: 'setup_failed', setup: 'npm ci' } as const;
    expect(causeOf({ ...setup, summary: 'The setup command failed.' })).toMatch(/setup_failed \$ npm ci$/);
  });

  it.each([
    ['commit_not_found', 'The checkout failed'],
    ['task_not_started', 'The task did not start'],
    ['out_of_memory', 'Out of memory'],
    ['no_result', 'Berth could not run the tests'],
  ])('begins with what %s is: %s', (error_code, title) => {
    expect(causeOf({ state: 'errored', error_code, summary: 'Why.' })).toBe(`${title} Why. ${error_code}`);
  });

  it('does not repeat the lines of Berth, and says that the command printed nothing', () => {
    const log_tail = ['[berth] Run r: suite unit.', '[berth] The repository does not exist.'];
    const summary = 'The repository does not exist.';
    expect(causeOf({ state: 'errored', error_code: 'repository_not_found', summary, log_tail })).toBe(
      `The checkout failed ${summary} repository_not_found`,
    );
    expect(causeOf({ summary: 'The command failed. Exit code 1.', log_tail })).toBe(
      'The test command failed Exit code 1. $ npm test The command printed nothing.',
    );
  });

  it('shows code as code, and a single backtick as it is', () => {
    const shown = html(Sentences, { text: 'Set `memory` of `a<b>`, or use ` once.' });
    expect(shown).toBe('Set <code>memory</code> of <code>a&lt;b></code>, or use ` once.');
  });

  it('is the mistakes in the settings, not tests', () => {
    const file = 'berth.yml';
    const failures = [
      failure({ group: '', name: 'suites.unit', file, line: 3, message: 'command is missing' }),
    ];
    expect(causeOf({ state: 'errored', error_code: 'settings_invalid', failures })).toBe(
      'Mistakes in berth.yml berth.yml:3 command is missing',
    );
  });

  it('leads to the deployment or the suite because of which nothing ran', () => {
    const latest = [
      { id: 'd', suite: 'deploy', state: 'failed' },
      { id: 'u', suite: 'deployment', state: 'failed' },
    ] as unknown as RunSummary[];
    const summary = 'Not run: berth/deploy failed, so there was nothing to test.';
    expect(causeOf({ state: 'errored', error_code: 'deploy_failed', summary }, latest)).toBe(
      `Not run: the deployment failed ${summary} deploy_failed Show deploy (failed)`,
    );
  });

  it('is the service that failed, with its log', () => {
    const message = 'The service db exited with 1 before the suite ended.';
    const services = [{ name: 'db' }, { name: 'cache' }] as unknown as RunDetails['services'];
    expect(causeOf({ summary: `${message} The command failed. Exit code 1.`, services })).toBe(
      `The test command failed ${message} Exit code 1. $ npm test Log of the service db`,
    );
    const warnings = [{ code: 'service_ended', message }];
    expect(causeOf({ failures: [failure()], warnings, services })).toMatch(
      new RegExp(`^Failed tests ${message} Log of the service db adds`),
    );
  });

  it('says who canceled it', () => {
    const cancelled = { at: '2030-01-01T00:00:00Z', by: 'octocat', reason: 'Canceled on the dashboard.' };
    expect(causeOf({ state: 'cancelled', summary: cancelled.reason, cancelled })).toBe(
      'Canceled Canceled on the dashboard. By octocat.',
    );
  });
});

describe('the result of a run', () => {
  it('says each number once', () => {
    const tests = { total: 20, passed: 20, failed: 0, skipped: 0, duration_seconds: 1 };
    const summary = '20 of 20 tests passed.';
    expect(text(RunResult, { run: run({ state: 'succeeded', summary, tests }) })).toBe(summary);
  });

  it.each([
    [
      { total: 4, passed: 2, failed: 1, skipped: 1, duration_seconds: 1 },
      '1 test failed, 2 passed, 1 skipped',
    ],
    [{ total: 1, passed: 1, failed: 0, skipped: 0, duration_seconds: 1 }, '1 test passed'],
    [{ total: 0, passed: 0, failed: 0, skipped: 0, duration_seconds: 1 }, ''],
  ])('counts the tests of a failed run: %o', (tests, shown) => {
    expect(text(RunResult, { run: run({ tests }) })).toBe(shown);
  });

  it('calls a run a run', () => {
    const summary = 'Workflow cancelled by API request.';
    expect(summaryOf(run({ state: 'cancelled', summary }))).toBe('Canceled through the API.');
  });
});

describe('the suites of a commit', () => {
  const of = (suite: string, state: string) => ({ suite, state }) as RunSummary;

  it('begin with those that failed, each with its newest run', () => {
    const runs = [of('b', 'succeeded'), of('a', 'succeeded'), of('d', 'running'), of('c', 'errored')];
    const latest = latestOfSuites([...runs, of('e', 'failed'), of('a', 'failed')]);
    expect(latest.map(({ suite }) => suite)).toEqual(['e', 'c', 'd', 'a', 'b']);
    expect(unsuccessfulRuns(latest).map(({ suite }) => suite)).toEqual(['e', 'c']);
  });
});

describe('the page of a dirty stack', () => {
  it('shows why, what happens next, and the log', () => {
    const dirty = { since: '2030-01-01T00:00:00Z', reason: 'Exit code 1.', attempts: 2, retryAt: null };
    const teardown = { id: 't', state: 'failed', trigger: { kind: 'teardown' } } as RunSummary;
    const shown = html(DirtyCause, {
      dirty,
      runs: [{ ...teardown, id: 'ok', state: 'succeeded' as const }, teardown],
    });
    expect(shown).toContain('Exit code 1. 2 attempts. No branch gets the stack until a teardown succeeds');
    expect(shown).toContain('href="/runs/t"');
  });
});

describe('the excerpt of a log', () => {
  it('shows the titles of groups, without the markers of GitHub Actions', () => {
    const document = createLogDocument();
    for (const line of ['::group::Install', 'a', '::endgroup::', '##[group]Test', 'b'])
      document.push({ text: line });
    const shown = text(LogExcerpt, { document, numbered: true });
    expect(shown).toBe('1 Install 2 a 4 Test 5 b');
  });
});

describe('a line of a log', () => {
  const line = (of: string) => {
    const document = createLogDocument();
    document.push({ text: of });
    const [first] = document.lines;
    if (first === undefined) throw new Error('a line was pushed');
    return first;
  };
  const row = (lines: readonly string[], isFolded = true) => {
    const document = createLogDocument();
    for (const of of lines) document.push({ text: of });
    const first = document.lines[0];
    if (first === undefined) throw new Error('lines were pushed');
    return text(LogRow, {
      line: first,
      number: 1,
      group: document.groups[0],
      isFolded,
      showsTime: false,
      mark: '',
      toggle: () => undefined,
      select: () => undefined,
    });
  };

  it.each([
    [['::group::Install', 'a', 'b', '::endgroup::'], '1 Install 2 lines'],
    [['::group::Install', 'a', '::endgroup::'], '1 Install 1 line'],
    [['::group::Install', '::endgroup::'], '1 Install'],
    [['--- Install', 'a', '--- Test'], '1 Install 1 line'],
    [['^^^ +++'], '1'],
    [['::endgroup::'], '1'],
  ])('counts what its group holds: %o', (lines, shown) => {
    expect(row(lines)).toBe(shown);
  });

  it('shows the date and the time zone of its time on hover', () => {
    const at = '2030-01-02T03:04:05.678Z';
    const shown = html(LogRow, {
      line: { ...line('a'), at },
      number: 1,
      group: undefined,
      isFolded: false,
      showsTime: true,
      mark: '',
      toggle: () => undefined,
      select: () => undefined,
    });
    expect(shown).toMatch(/<time [^>]*datetime="2030-01-02T03:04:05.678Z"[^>]*title="[^"]*2030/i);
  });

  it.each([
    ['31', 'color:rgb(255, 138, 142);'],
    ['41', 'color:rgb(0, 0, 0);background-color:rgb(255, 138, 142);'],
    ['7', 'color:rgb(0, 0, 0);background-color:rgb(201, 209, 217);'],
    ['7;31', 'color:rgb(0, 0, 0);background-color:rgb(255, 138, 142);'],
    ['7;41', 'color:rgb(0, 0, 0);background-color:rgb(201, 209, 217);'],
    ['1;38;2;1;2;3;48;2;4;5;6', 'color:rgb(1, 2, 3);background-color:rgb(4, 5, 6);'],
  ])('has the colors of %s', (codes, style) => {
    expect(html(AnsiText, { line: line(`\u001b[${codes}mtext`) })).toContain(`style="${style}"`);
  });

  it('marks a text that it has very often, up to a limit', () => {
    const shown = html(AnsiText, { line: line('ab'.repeat(5000)), mark: 'A' });
    expect(shown.match(/<mark>a<\/mark>/g)).toHaveLength(1000);
    expect(shown.replace(/<[^>]*>/g, '')).toBe('ab'.repeat(5000));
  });

  it.each([
    ['İİİ the Needle', 'needle', ['Needle']],
    ['\u001b[31mnee\u001b[32mdle\u001b[0m', 'needle', ['nee', 'dle']],
    ['see https://example.com/a now', 'see https', ['see ', 'https']],
    ['a.b-c (d) [e] a+b', 'b-c (d) [e]', ['b-c (d) [e]']],
    ['abc', '.', []],
  ])('marks in %j the text %j', (of, mark, marked) => {
    const shown = html(AnsiText, { line: line(of), mark });
    expect([...shown.matchAll(/<mark>(.*?)<\/mark>/g)].map(([, text]) => text)).toEqual(marked);
  });

  it('shows the beginning of a huge one, and says how much is left', () => {
    const shown = text(AnsiText, {
      line: line(`\u001b[31m${'x'.repeat(6000)}\u001b[0m${'y'.repeat(1_000_000)}`),
    });
    expect(shown).toMatch(/^x{6000} y{4000} … 996,000 more characters, see Raw$/);
  });

  it('can be read on every background of the 256 colors', () => {
    for (let color = 16; color < 256; color += 1) {
      const shown = html(AnsiText, { line: line(`\u001b[48;5;${color}mtext`) });
      const [text, background] = [...shown.matchAll(/rgb\((\d+), (\d+), (\d+)\)/g)].map(
        ([, red, green, blue]) => [Number(red), Number(green), Number(blue)] as const,
      );
      if (text === undefined || background === undefined) throw new Error(`${shown} has no colors`);
      expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
