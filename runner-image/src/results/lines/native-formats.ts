import type { NamedTest, ToolFormat, ToolLines } from './tool-format.ts';

function createCargoLines(): ToolLines {
  let group = '';
  return {
    test(line) {
      const [, target] = /^\s+(?:Running (?:unittests )?|Doc-tests )(\S+)/.exec(line) ?? [];
      if (target !== undefined) group = target;
      const [, name, word, time] =
        /^test (.+?)(?: - should panic)?(?: - compile(?: fail)?)? \.\.\. (ok|FAILED|ignored)(?:, .*)?(?: <([\d.]+)s>)?$/.exec(
          line,
        ) ?? [];
      if (name === undefined) return undefined;
      const outcome = word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
      return { name, group, outcome, seconds: Number(time ?? 0) };
    },
    failure(line) {
      const name = /^---- (.+) stdout ----$/.exec(line)?.[1];
      return name === undefined ? undefined : { name, group };
    },
    stop: (line) => line === 'failures:',
    summary(line) {
      const [, passed, failed, ignored] =
        /^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line) ?? [];
      return passed === undefined
        ? undefined
        : { passed: Number(passed), failed: Number(failed), skipped: Number(ignored) };
    },
  };
}

/** A result, with the number of the attempt and of the test. An attempt that is followed by another has no such number. */
const nextestLine =
  /^ {2,}(?:TRY (\d+) )?([A-Z][A-Z+-]+) \[ *(?:> *)?([\d.]+)s\] (?:\( *(?:(\d+)\/\d+|\D+)\) )?(\S+) (\S.*)$/;
const nextestPassed = /^(?:PASS|LEAK)$/;
const nextestUnfinished = /^(?:SLOW|TERMINATING|FLAKY|SETUP|START|RETRY|DELAY)$/;

function createNextestLines(): ToolLines {
  let isSummary = false;
  function resultOf(line: string): (NamedTest & { readonly isLast: boolean }) | undefined {
    const [, attempt, word = '', time, number, group, name] = nextestLine.exec(line) ?? [];
    if (name === undefined || nextestUnfinished.test(word)) return undefined;
    const passed = nextestPassed.test(word);
    return {
      name,
      group,
      outcome: passed ? 'passed' : 'failed',
      seconds: Number(time),
      flaky: passed && attempt !== undefined && attempt !== '1',
      isLast: number !== undefined || attempt === undefined || passed,
    };
  }
  return {
    output: 'after',
    test(line) {
      const result = isSummary ? undefined : resultOf(line);
      return result?.isLast === true ? result : undefined;
    },
    failure(line) {
      const result = isSummary ? resultOf(line) : undefined;
      return result?.outcome === 'failed' ? result : undefined;
    },
    stop: (line) => resultOf(line) !== undefined || /^(?:[─-]{4,}$|error: )/.test(line),
    summary(line) {
      const [, total, results = ''] =
        /^ +Summary \[ *[\d.]+s\] (\d+)(?:\/\d+)? tests? run: (.*)$/.exec(line) ?? [];
      if (total === undefined) return undefined;
      isSummary = true;
      // The skipped ones are those that the command did not select, too.
      const failed = [...results.matchAll(/(\d+) (?:failed|exec failed|timed out)/g)];
      return { total: Number(total), failed: failed.reduce((sum, [, count]) => sum + Number(count), 0) };
    },
  };
}

function createCtestLines(): ToolLines {
  let disabled = 0;
  let skipped = 0;
  return {
    output: 'after',
    test(line) {
      const [, name, status = '', time] =
        /^\s*\d+\/\d+ Test +#\d+: (.+?) \.{2,}\s*(\S.*?)\s+([\d.]+) sec\s*$/.exec(line) ?? [];
      if (name === undefined) return undefined;
      // Without a program, a test is not run and counts as failed.
      const isSkipped = /\(Disabled\)|Skipped/.test(status);
      if (status.includes('(Disabled)')) disabled += 1;
      if (isSkipped) skipped += 1;
      const outcome = status === 'Passed' ? 'passed' : isSkipped ? 'skipped' : 'failed';
      const reason = status
        .replace(/\*+(?:Exception)?:?/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      return { name, outcome, seconds: Number(time), message: outcome === 'failed' ? reason : undefined };
    },
    stop: (line) => /^\s+Start +\d+: /.test(line),
    summary(line) {
      const [, failed, total] = /^\d+% tests passed, (\d+) tests? failed out of (\d+)$/.exec(line) ?? [];
      if (total === undefined) return undefined;
      // CTest leaves disabled tests out of its sum, and lists them.
      return { total: Number(total) + disabled, failed: Number(failed), skipped };
    },
  };
}

function createGoogleTestLines(): ToolLines {
  let isSummary = false;
  return {
    test(line) {
      if (line.startsWith('[----------] Global test environment tear-down')) isSummary = true;
      const [, word, group, name, time] =
        /^\[ +(OK|FAILED|SKIPPED) +\] ([^\s.]+)\.(\S+?),? .*\((\d+) ms\)$/.exec(line) ?? [];
      if (name === undefined || isSummary) return undefined;
      const outcome = word === 'OK' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
      return { name, group, outcome, seconds: Number(time) / 1000 };
    },
    output: 'before',
    begins: (line) => line.startsWith('[ RUN '),
    summary(line) {
      const [, total] = /^\[=+\] (\d+) tests? from \d+ test (?:suites?|cases?) ran\./.exec(line) ?? [];
      if (total !== undefined) return { total: Number(total) };
      const [, word, count] =
        /^\[ +(FAILED|SKIPPED) +\] (\d+) tests?(?:, listed below:|\.)$/.exec(line) ?? [];
      if (word === undefined) return undefined;
      return word === 'FAILED' ? { failed: Number(count) } : { skipped: Number(count) };
    },
  };
}

function createCatchLines(): ToolLines {
  return {
    summary(line) {
      const [, all] = /^All tests passed \(\d+ assertions? in (\d+) test cases?\)$/.exec(line) ?? [];
      if (all !== undefined) return { passed: Number(all) };
      const [, text] = /^(?:\[doctest\] )?test cases:\s+(\d+ \|.*)$/.exec(line) ?? [];
      if (text === undefined) return undefined;
      const of = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0);
      return { total: Number.parseInt(text, 10), failed: of('failed'), skipped: of('skipped') };
    },
  };
}

function createSwiftLines(): ToolLines {
  return {
    test(line) {
      const [, group, name, word, time] =
        /^Test Case '(?:-\[)?(\S+?)[. ](\S+?)\]?' (passed|failed|skipped) \(([\d.]+) seconds\)/.exec(line) ??
        [];
      if (name === undefined) return undefined;
      return {
        name,
        group,
        outcome: word === 'passed' || word === 'failed' ? word : 'skipped',
        seconds: Number(time),
      };
    },
    summary: (() => {
      let isOuter = false;
      return (line: string) => {
        if (/^Test Suite 'All tests' (?:passed|failed)/.test(line)) isOuter = true;
        const [, total, skipped = '0', failed] =
          /^\s+Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures?/.exec(line) ?? [];
        if (total === undefined || !isOuter) return undefined;
        isOuter = false;
        return { total: Number(total), failed: Number(failed), skipped: Number(skipped) };
      };
    })(),
  };
}

/** Lists the specs that failed only. A suite that passes is one line, unless ginkgo runs one suite or is verbose. */
function createGinkgoLines(): ToolLines {
  let isFailure = false;
  let suite = '';
  let specs = 0;
  return {
    failure(line) {
      suite =
        /^\[\d+\] (.+?) - \d+\/\d+ specs/.exec(line)?.[1] ??
        /^Running Suite: (.+?) - /.exec(line)?.[1] ??
        suite;
      const named = isFailure ? { name: line.trim(), group: suite } : undefined;
      isFailure = /^\S.*\[(?:FAILED|PANICKED|TIMEDOUT|INTERRUPTED)\] \[[\d.]+ seconds\]/.test(line);
      return named;
    },
    stop: (line) => /^(?:-{20,}|Summarizing \d+ Failures?:)$/.test(line),
    summary(line) {
      specs = Number(/^Ran \d+ of (\d+) Specs in /.exec(line)?.[1] ?? specs);
      const [, chosen, of, marks = ''] =
        /^\[\d+\] .+ - (\d+)\/(\d+) specs(.*) SUCCESS! \S+ PASS$/.exec(line) ?? [];
      if (chosen !== undefined) {
        const skipped = Number(of) - Number(chosen) + marks.split('S').length - 1;
        return { passed: Number(of) - skipped, skipped };
      }
      const [, result] = /^(?:FAIL|SUCCESS)!.* -- (.+)$/.exec(line) ?? [];
      if (result === undefined) return undefined;
      const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(result)?.[1] ?? 0);
      // Without counts, the setup of the suite failed: "A BeforeSuite node failed so all tests were skipped."
      if (!/\d Passed/.test(result)) return { failed: 1, skipped: specs };
      return {
        passed: count('Passed'),
        failed: count('Failed'),
        skipped: count('Pending') + count('Skipped'),
      };
    },
  };
}

export const nativeFormats: readonly ToolFormat[] = [
  { tool: 'cargo test', create: createCargoLines },
  { tool: 'cargo nextest', create: createNextestLines },
  { tool: 'ctest', create: createCtestLines },
  { tool: 'GoogleTest', create: createGoogleTestLines },
  { tool: 'Catch2', create: createCatchLines },
  { tool: 'ginkgo', create: createGinkgoLines },
  { tool: 'swift test', create: createSwiftLines },
];
