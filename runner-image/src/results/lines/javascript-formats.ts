import { createNesting, secondsFrom } from './nesting.ts';
import { createBunLines, createDenoLines, createNodeLines } from './runtime-formats.ts';
import type { ToolFormat, ToolLines } from './tool-format.ts';

const passedMark = /^(\s*)[✔✓√]\s+(.+?)(?:\s+\((\d+(?:\.\d+)?)(ms|s)\))?(?:\s+# (SKIP|TODO).*)?$/;

function createMochaLines(): ToolLines {
  const nesting = createNesting();
  let isSummary = false;
  return {
    test(line) {
      if (isSummary) return undefined;
      const passed = passedMark.exec(line);
      if (passed !== null) {
        const [, indent = '', name = '', time, unit] = passed;
        return { name, group: nesting.groupAt(indent.length), seconds: secondsFrom(time, unit) };
      }
      const other = /^(\s{2,})(?:(\d+)\)|-)\s+(.+)$/.exec(line);
      if (other !== null) {
        const [, indent = '', number, name = ''] = other;
        const group = nesting.groupAt(indent.length);
        return { name, group, outcome: number === undefined ? 'skipped' : 'failed' };
      }
      const heading = /^(\s{2,})(\S.*)$/.exec(line);
      if (heading !== null) nesting.heading(heading[1]?.length ?? 0, heading[2] ?? '');
      return undefined;
    },
    failure(line) {
      const name = isSummary ? /^ {2}\d+\) (.+)$/.exec(line)?.[1] : undefined;
      return name === undefined ? undefined : { name: name.replace(/:$/, '') };
    },
    title(line) {
      // A message is indented by five or six.
      const text = /^ {7,}(\S.*)$/.exec(line)?.[1];
      return text === undefined ? undefined : { text: text.replace(/:$/, ''), end: text.endsWith(':') };
    },
    summary(line) {
      const [, count, word] = /^ {2}(\d+) (passing|failing|pending)\b/.exec(line) ?? [];
      if (count === undefined) return undefined;
      isSummary = true;
      if (word === 'passing') return { passed: Number(count) };
      return word === 'failing' ? { failed: Number(count) } : { skipped: Number(count) };
    },
  };
}

/** Texts that ava writes after the name of a failed test. */
const avaReasons =
  / (?:Error thrown in test|Rejected promise returned by test|Test finished without .*|Timeout|.* assertion threw .*)$/;

function createAvaLines(): ToolLines {
  const failed = new Set<string>();
  let passed = 0;
  let place: 'list' | 'details' | 'summary' = 'list';
  return {
    test(line) {
      if (line === '  ─') place = 'details';
      const [, mark, text = '', time, unit] =
        /^ {2}(✔|✓|√|✖|✘ \[fail\]:|- \[(?:skip|todo)\]) (.+?)(?: \((\d+(?:\.\d+)?)(ms|s)\))?$/.exec(line) ??
        [];
      if (mark === undefined || place !== 'list') return undefined;
      const name = text.replace(avaReasons, '');
      const outcome = mark.startsWith('-') ? 'skipped' : /^[✖✘]/.test(mark) ? 'failed' : 'passed';
      if (outcome === 'failed') failed.add(name);
      if (outcome === 'passed') passed += 1;
      return { name, outcome, seconds: secondsFrom(time, unit) };
    },
    failure(line) {
      const name = line.slice(2);
      if (place !== 'details' || !/^ {2}\S/.test(line)) return undefined;
      // In the list, the message of a failed assertion follows the name.
      const isTitle = failed.has(name) || [...failed].some((text) => text.startsWith(`${name} `));
      return isTitle ? { name } : undefined;
    },
    summary(line) {
      const [, count, word] = /^ {2}(\d+) tests? (passed|failed|skipped|todo)$/.exec(line) ?? [];
      if (word === undefined) return undefined;
      // Where a test failed, ava does not say how many passed: it lists them.
      const first = place === 'summary' ? {} : { passed };
      place = 'summary';
      if (word === 'passed') return first;
      return { ...first, [word === 'failed' ? 'failed' : 'skipped']: Number(count) };
    },
  };
}

/** `1 failed | 2 skipped | 3 passed (6)`, `1 failed, 2 passed, 3 total` */
function countsIn(text: string): Partial<Record<'total' | 'passed' | 'failed' | 'skipped', number>> {
  const sums = { passed: 0, failed: 0, skipped: 0 };
  for (const [, count, word] of text.matchAll(/(\d+) (passed|failed|skipped|todo|pending)/g)) {
    const name = word === 'passed' || word === 'failed' ? word : 'skipped';
    sums[name] += Number(count);
  }
  return sums;
}

function createJestLines(): ToolLines {
  let file = '';
  return {
    failure(line) {
      const failed = /^(?:FAIL|PASS)\s+(?:\S+\s+)??(\S+\.\w+)(?: \([\d.]+ m?s\))?$/.exec(line);
      if (failed !== null) file = failed[1] ?? '';
      const title = /^ {2}● (.+)$/.exec(line)?.[1];
      if (title === undefined || title === 'Console') return undefined;
      if (title === 'Test suite failed to run') return { name: file, group: file, file };
      const parts = title.split(' › ');
      return { name: parts.at(-1) ?? title, group: parts.slice(0, -1).join(' ') || file, file };
    },
    stop: (line) => /^(?:PASS|FAIL|Test Suites:|Summary of all failing tests)/.test(line),
    summary(line) {
      const text = /^Tests:\s+(.*\d+ total)$/.exec(line)?.[1];
      return text === undefined ? undefined : countsIn(text);
    },
  };
}

function createVitestLines(): ToolLines {
  return {
    failure(line) {
      const [, path] = /^ FAIL {2}(.+)$/.exec(line) ?? [];
      if (path === undefined) return undefined;
      const parts = path.replace(/^\|[^|]+\|\s+/, '').split(' > ');
      const [file = ''] = parts;
      return {
        name: parts.length === 1 ? file : parts.slice(1).join(' > '),
        group: file,
        file: file.split(' [')[0],
      };
    },
    stop: (line) => /^⎯{3,}/.test(line),
    summary(line) {
      const text = /^\s+Tests {2}(.*\(\d+\))$/.exec(line)?.[1];
      return text === undefined ? undefined : countsIn(text);
    },
  };
}

function createPlaywrightLines(): ToolLines {
  return {
    failure(line) {
      const [, path] = /^ {2}\d+\) (.+ › .+?)\s*[─-]*\s*$/.exec(line) ?? [];
      const parts = path?.split(' › ') ?? [];
      const at = parts.findIndex((part) => /:\d+:\d+$/.test(part));
      if (at === -1) return undefined;
      const [, file, number] = /^(.+):(\d+):\d+$/.exec(parts[at] ?? '') ?? [];
      return { name: parts.slice(at + 1).join(' › '), group: file, file, line: Number(number) };
    },
    stop: (line) => /^ {2}\d+ (?:failed|flaky|skipped|interrupted)$/.test(line),
    summary(line) {
      const [, count, word] =
        /^ {2}(\d+) (failed|flaky|skipped|did not run|interrupted|passed)(?: \([\d.hms ]+\))?$/.exec(line) ??
        [];
      if (word === undefined) return undefined;
      if (word === 'failed' || word === 'interrupted') return { failed: Number(count) };
      return word === 'passed' || word === 'flaky' ? { passed: Number(count) } : { skipped: Number(count) };
    },
  };
}

function createJasmineLines(): ToolLines {
  let isFailures = false;
  return {
    failure(line) {
      if (/^(?:Failures|Pending):$/.test(line)) isFailures = line.startsWith('Failures');
      const name = isFailures ? /^\d+\) (.+)$/.exec(line)?.[1] : undefined;
      return name === undefined ? undefined : { name };
    },
    stop: (line) => line === 'Pending:',
    summary(line) {
      const [, total, failed, pending = '0'] =
        /^(\d+) specs?, (\d+) failures?(?:, (\d+) pending specs?)?$/.exec(line) ?? [];
      return total === undefined
        ? undefined
        : { total: Number(total), failed: Number(failed), skipped: Number(pending) };
    },
  };
}

function createUvuLines(): ToolLines {
  let isUvu = false;
  let total: number | undefined;
  return {
    failure(line) {
      if (/ \(\d+ \/ \d+\)$/.test(line)) isUvu = true;
      const [, group, name] = (isUvu && /^ {3}FAIL {1,2}(?:(\S.*?) {1,2})?"(.+)"$/.exec(line)) || [];
      return name === undefined ? undefined : { name, group };
    },
    stop: (line) => / \(\d+ \/ \d+\)$/.test(line),
    summary(line) {
      const [, word, count] = (isUvu && /^ {2}(Total|Passed|Skipped): +(\d+)$/.exec(line)) || [];
      if (word === 'Total') total = Number(count);
      // The total has no skipped tests.
      if (word === 'Passed' && total !== undefined)
        return { passed: Number(count), failed: total - Number(count) };
      return word === 'Skipped' ? { skipped: Number(count) } : undefined;
    },
  };
}

/** The reporter of fastify's repositories for node:test, `@jsumners/line-reporter`. It does not name tests. */
function createLineReporterLines(): ToolLines {
  let isList = false;
  let file = '';
  return {
    failure(line) {
      if (line === 'Failed tests:') isList = true;
      if (!isList) return undefined;
      if (/^\S.*\.\w+$/.test(line)) file = line;
      const place = /^\tline: (\d+), column: \d+$/.exec(line)?.[1];
      const name = `${file.replace(/^.*\//, '')}:${place}`;
      return place === undefined ? undefined : { name, file, line: Number(place) };
    },
    stop: (line) => /^\S.*\.\w+$/.test(line),
    summary(line) {
      const [, word, count] = /^(Passed|Failed|Skipped|Total): (\d+)$/.exec(line) ?? [];
      if (word === 'Passed') return { passed: Number(count) };
      if (word === 'Failed') return { failed: Number(count) };
      return word === 'Skipped' ? { skipped: Number(count) } : undefined;
    },
  };
}

export const javascriptFormats: readonly ToolFormat[] = [
  { tool: 'mocha', create: createMochaLines },
  { tool: 'node --test', create: createNodeLines },
  { tool: 'ava', create: createAvaLines },
  { tool: 'uvu', create: createUvuLines },
  { tool: 'line-reporter', create: createLineReporterLines },
  { tool: 'Jasmine', create: createJasmineLines },
  { tool: 'jest', create: createJestLines },
  { tool: 'vitest', create: createVitestLines },
  { tool: 'Playwright', create: createPlaywrightLines },
  { tool: 'bun test', create: createBunLines },
  { tool: 'deno test', create: createDenoLines },
];
