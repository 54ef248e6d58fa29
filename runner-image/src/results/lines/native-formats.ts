import { type CreateFormat, type NamedTest, sumsOf, type ToolFormat } from './tool-format.ts';

const cargo: ToolFormat = {
  tool: 'cargo test',
  context: /^\s+(?:Running (?:unittests )?|Doc-tests )(?<group>\S+)/,
  test: /^test (?<name>.+?)(?: - should panic)?(?: - compile(?: fail)?)? \.\.\. (?<word>ok|FAILED|ignored)(?:, .*)?(?: <(?<time>[\d.]+s)>)?$/,
  failure: /^---- (?<name>.+) stdout ----$/,
  stop: /^failures:$/,
  summary: /^test result: (?:ok|FAILED)\. (?<counts>\d+ passed; \d+ failed; \d+ ignored);/,
};

/** A result, with the number of the attempt and of the test. An attempt that is followed by another has no such number. */
const nextestLine =
  /^ {2,}(?:TRY (\d+) )?(?!(?:SLOW|TERMINATING|FLAKY|SETUP|START|RETRY|DELAY) )([A-Z][A-Z+-]+) \[ *(?:> *)?([\d.]+)s\] (?:\( *(?:(\d+)\/\d+|\D+)\) )?(\S+) (\S.*)$/;

function nextestResult(line: string): (NamedTest & { readonly isLast: boolean }) | undefined {
  const [, attempt, word = '', time, number, group, name] = nextestLine.exec(line) ?? [];
  if (name === undefined) return undefined;
  const passed = /^(?:PASS|LEAK)$/.test(word);
  return {
    name,
    group,
    outcome: passed ? 'passed' : 'failed',
    seconds: Number(time),
    flaky: passed && attempt !== undefined && attempt !== '1',
    isLast: number !== undefined || attempt === undefined || passed,
  };
}

const nextest: ToolFormat = {
  tool: 'cargo nextest',
  output: 'after',
  test(line) {
    const result = nextestResult(line);
    return result?.isLast === true ? result : undefined;
  },
  details: /^ +Summary \[/,
  failure(line) {
    const result = nextestResult(line);
    return result?.outcome === 'failed' ? result : undefined;
  },
  stop: [nextestLine, /^(?:[─-]{4,}$|error: )/],
  // The skipped ones are those that the command did not select, too.
  summary: /^ +Summary \[ *[\d.]+s\] (?<total>\d+)(?:\/\d+)? tests? run: (?<counts>.*?)(?:, \d+ skipped)?$/,
};

function createCtest(): ToolFormat {
  let disabled = 0;
  let skipped = 0;
  return {
    tool: 'ctest',
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
    stop: /^\s+Start +\d+: /,
    summary(line) {
      const [, failed, total] = /^\d+% tests passed, (\d+) tests? failed out of (\d+)$/.exec(line) ?? [];
      if (total === undefined) return undefined;
      // CTest leaves disabled tests out of its sum, and lists them.
      return { total: Number(total) + disabled, failed: Number(failed), skipped };
    },
  };
}

const googleTest: ToolFormat = {
  tool: 'GoogleTest',
  test: /^\[ +(?<word>OK|FAILED|SKIPPED) +\] (?<group>[^\s.]+)\.(?<name>\S+?),? .*\((?<time>\d+ ms)\)$/,
  details: /^\[-{10}\] Global test environment tear-down/,
  output: 'before',
  begins: /^\[ RUN /,
  summary: [
    /^\[=+\] (?<total>\d+) tests? from \d+ test (?:suites?|cases?) ran\./,
    /^\[ +FAILED +\] (?<failed>\d+) tests?(?:, listed below:|\.)$/,
    /^\[ +SKIPPED +\] (?<skipped>\d+) tests?(?:, listed below:|\.)$/,
  ],
};

const catch2: ToolFormat = {
  tool: 'Catch2',
  summary: [
    /^All tests passed \(\d+ assertions? in (?<passed>\d+) test cases?\)$/,
    /^(?:\[doctest\] )?test cases:\s+(?<total>\d+) \|(?<counts>.*)$/,
  ],
};

function createSwift(): ToolFormat {
  let isOuter = false;
  return {
    tool: 'swift test',
    test: /^Test Case '(?:-\[)?(?<group>\S+?)[. ](?<name>\S+?)\]?' (?<word>passed|failed|skipped) \((?<time>[\d.]+) seconds\)/,
    summary(line) {
      if (/^Test Suite 'All tests' (?:passed|failed)/.test(line)) isOuter = true;
      const [, total, skipped = '0', failed] =
        /^\s+Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures?/.exec(line) ?? [];
      if (total === undefined || !isOuter) return undefined;
      isOuter = false;
      return { total: Number(total), failed: Number(failed), skipped: Number(skipped) };
    },
  };
}

/** Lists the specs that failed only. A suite that passes is one line, unless ginkgo runs one suite or is verbose. */
function createGinkgo(): ToolFormat {
  let isFailure = false;
  let specs = 0;
  return {
    tool: 'ginkgo',
    context: [/^\[\d+\] (?<group>.+?) - \d+\/\d+ specs/, /^Running Suite: (?<group>.+?) - /],
    failure(line) {
      const named = isFailure ? { name: line.trim() } : undefined;
      isFailure = /^\S.*\[(?:FAILED|PANICKED|TIMEDOUT|INTERRUPTED)\] \[[\d.]+ seconds\]/.test(line);
      return named;
    },
    stop: /^(?:-{20,}|Summarizing \d+ Failures?:)$/,
    summary(line) {
      specs = Number(/^Ran \d+ of (\d+) Specs in /.exec(line)?.[1] ?? specs);
      const [, chosen, of, marks = ''] =
        /^\[\d+\] .+ - (\d+)\/(\d+) specs(.*) SUCCESS! \S+ PASS$/.exec(line) ?? [];
      if (chosen !== undefined) {
        const skipped = Number(of) - Number(chosen) + marks.split('S').length - 1;
        return { passed: Number(of) - skipped, skipped };
      }
      const [, counts] = /^(?:FAIL|SUCCESS)!.* -- (.+)$/.exec(line) ?? [];
      if (counts === undefined) return undefined;
      // Without counts, the setup of the suite failed: "A BeforeSuite node failed so all tests were skipped."
      return /\d Passed/.test(counts) ? sumsOf({ counts }) : { failed: 1, skipped: specs };
    },
  };
}

export const nativeFormats: readonly CreateFormat[] = [
  cargo,
  nextest,
  createCtest,
  googleTest,
  catch2,
  createGinkgo,
  createSwift,
];
