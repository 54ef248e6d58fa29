import type { CreateFormat, ToolFormat } from './tool-format.ts';

const mocha: ToolFormat = {
  tool: 'mocha',
  heading: /^(?<indent>\s{2,})(?<name>\S.*)$/,
  test: [
    /^(?<indent>\s*)[✔✓√]\s+(?<name>.+?)(?:\s+\((?<time>\d+(?:\.\d+)?m?s)\))?(?:\s+# (?:SKIP|TODO).*)?$/,
    // A pending test has a dash; one that failed has a number and a bracket.
    /^(?<indent>\s{2,})(?:\d+(?=\)))?(?<word>(?<=\d)\)|-)\s+(?<name>.+)$/,
  ],
  details: /^ {2}\d+ (?:passing|failing|pending)\b/,
  failure: /^ {2}\d+\) (?<name>.+?):?$/,
  // A message is indented by five or six.
  title: /^ {7,}(?<text>\S.*?)(?<end>:)?$/,
  summary: /^ {2}(?<counts>\d+ (?:passing|failing|pending))\b/,
};

const node: ToolFormat = {
  tool: 'node --test',
  heading: /^(?<indent>\s*)▶ (?<name>.+?)(?: \([\d.]+ms\))?$/,
  test: /^(?<indent>\s*)(?<word>[✔✖﹣])\s+(?<name>.+?)(?: \((?<time>[\d.]+ms)\))?(?: # (?<flag>SKIP|TODO).*)?$/,
  // Not of the other lines with this mark: those are diagnostics of the tests.
  details: /^ℹ (?:tests|pass|fail|cancelled|skipped|todo) \d+$/,
  context: /^test at (?<file>.+?):(?<line>\d+):\d+$/,
  failure: /^✖ (?!failing tests:$|.* # (?:TODO|SKIP))(?<name>.+?)(?: \([\d.]+ms\))?$/,
  stop: /^(?:test at |✖ )/,
  summary: /^ℹ (?<counts>(?:tests|pass|fail|cancelled|skipped|todo) \d+)$/,
};

const bun: ToolFormat = {
  tool: 'bun test',
  start: /^bun test v/,
  output: 'before',
  begins: /^\((?:pass|fail|skip|todo)\) /,
  test: /^\((?<word>pass|fail|skip|todo)\) (?<name>.+?)(?: \[(?<time>[\d.]+ms)\])?$/,
  summary: /^ {1,3}(?<counts>\d+ (?:pass|fail|skip|todo))$/,
};

const deno: ToolFormat = {
  tool: 'deno test',
  test: /^\s*(?!\s|test )(?<name>.+) \.\.\. (?<word>ok|FAILED|ignored)(?: \((?<time>\d+m?s)\))?$/,
  failure: /^(?<name>.+) => (?<file>\S+):(?<line>\d+):\d+$/,
  stop: /^ (?:FAILURES|ERRORS) $/,
  summary: /^(?:ok|FAILED) \| (?<counts>\d+ passed(?: \([^)]*\))? \| \d+ failed(?: \([^)]*\))?.*)/,
};

/** Texts that ava writes after the name of a failed test. */
const avaReason =
  '(?:Error thrown in test|Rejected promise returned by test|Test finished without .*?|Timeout|.{1,200}? assertion threw .*?)';
const avaMark = String.raw`(?<word>[✔✓√✖]|✘(?= \[fail\]: )|-(?= \[(?:skip|todo)\] ))(?:(?<=✘) \[fail\]:|(?<=-) \[\w+\])?`;

const ava: ToolFormat = {
  tool: 'ava',
  test: new RegExp(
    String.raw`^ {2}${avaMark} (?<name>.+?)(?: ${avaReason})?(?: \((?<time>\d+(?:\.\d+)?m?s)\))?$`,
  ),
  details: /^ {2}─$/,
  detailsEnd: /^ {2}\d+ tests? (?:passed|failed|skipped|todo)$/,
  failure(line, { tests }) {
    const name = /^ {2}(\S.*)$/.exec(line)?.[1];
    // In the list, the message of a failed assertion follows the name.
    const isTitle = tests.some((test) => test.outcome === 'failed' && `${test.name} `.startsWith(`${name} `));
    return isTitle ? { name } : undefined;
  },
  summary: /^ {2}(?<counts>\d+ tests? (?:passed|failed|skipped|todo))$/,
  // Where a test failed, ava does not say how many passed.
  listsPassed: true,
};

const jest: ToolFormat = {
  tool: 'jest',
  context: /^(?:FAIL|PASS)\s+(?:\S+\s+)??(?<group>(?<file>\S+\.\w+))(?: \([\d.]+ m?s\))?$/,
  failure(line) {
    const title = /^ {2}● (?!Console$)(.+)$/.exec(line)?.[1];
    if (title === 'Test suite failed to run') return {};
    const parts = title?.split(' › ') ?? [];
    return title === undefined
      ? undefined
      : { name: parts.at(-1), group: parts.slice(0, -1).join(' ') || undefined };
  },
  stop: /^(?:PASS|FAIL|Test Suites:|Summary of all failing tests)/,
  summary: /^Tests:\s+(?=\S)(?<counts>.*\b\d+ total)$/,
};

const vitest: ToolFormat = {
  tool: 'vitest',
  failure: /^ FAIL {2}(?:\|[^|]+\|\s+)?(?<group>(?<file>.+?)(?: \[.*?)?)(?: > (?<name>.+))?$/,
  stop: /^⎯{3,}/,
  summary: /^\s+Tests {2}(?<counts>.*) \(\d+\)$/,
};

const playwright: ToolFormat = {
  tool: 'Playwright',
  failure:
    /^ {2}\d+\) (?:.*? › )??(?<group>(?<file>(?:(?! › ).)+?)):(?<line>\d+):\d+ › (?<name>[^\s─-](?:.*[^\s─-])?)\s*[─-]*\s*$/,
  stop: /^ {2}\d+ (?:failed|flaky|skipped|interrupted)$/,
  summary: [
    /^ {2}(?<counts>\d+ (?:failed|flaky|skipped|interrupted|passed))(?: \([\d.hms ]+\))?$/,
    /^ {2}(?<skipped>\d+) did not run(?: \([\d.hms ]+\))?$/,
  ],
};

const jasmine: ToolFormat = {
  tool: 'Jasmine',
  details: /^Failures:$/,
  detailsEnd: /^Pending:$/,
  failure: /^\d+\) (?<name>.+)$/,
  stop: /^Pending:$/,
  summary: /^(?<total>\d+) specs?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) pending specs?)?$/,
};

function createUvu(): ToolFormat {
  let total: number | undefined;
  return {
    tool: 'uvu',
    start: / \(\d+ \/ \d+\)$/,
    failure: /^ {3}FAIL {1,2}(?:(?<group>\S.*?) {1,2})?"(?<name>.+)"$/,
    stop: / \(\d+ \/ \d+\)$/,
    summary(line) {
      const [, word, count] = /^ {2}(Total|Passed|Skipped): +(\d+)$/.exec(line) ?? [];
      if (word === 'Total') total = Number(count);
      // The total has no skipped tests.
      if (word === 'Passed' && total !== undefined)
        return { passed: Number(count), failed: total - Number(count) };
      return word === 'Skipped' ? { skipped: Number(count) } : undefined;
    },
  };
}

/** The reporter of fastify's repositories for node:test, `@jsumners/line-reporter`. It does not name tests. */
const lineReporter: ToolFormat = {
  tool: 'line-reporter',
  details: /^Failed tests:$/,
  context: /^(?<file>\S.*\.\w+)$/,
  failure(line, { context }) {
    const place = /^\tline: (\d+), column: \d+$/.exec(line)?.[1];
    const name = `${(context.file ?? '').replace(/^.*\//, '')}:${place}`;
    return place === undefined ? undefined : { name, line: Number(place) };
  },
  stop: /^\S.*\.\w+$/,
  summary: /^(?<counts>(?:Passed|Failed|Skipped): \d+)$/,
};

export const javascriptFormats: readonly CreateFormat[] = [
  mocha,
  node,
  ava,
  createUvu,
  lineReporter,
  jasmine,
  jest,
  vitest,
  playwright,
  bun,
  deno,
];
