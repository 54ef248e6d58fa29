import { escapePattern } from '../../../../app/lib/escape-pattern.ts';
import type { CreateFormat, NamedTest, ToolFormat } from './tool-format.ts';

const pytest: ToolFormat = {
  tool: 'pytest',
  failure(line) {
    const [, name] =
      /^_{3,} (?:ERROR (?:at (?:setup|teardown) of|collecting) )?(.+?) _{3,}$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    // A file that could not be collected.
    if (name.endsWith('.py')) return { group: name, file: name };
    // The parameters of a test, and the message of a subtest, may contain dots.
    return methodOf(name, /^[^[( ]*/.exec(name)?.[0]);
  },
  stop: /^={3,} .* ={3,}$/,
  summary:
    /^(?:=+ )?(?<counts>\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun).*) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$/,
};

/**
 * Splits the name of a class from that of its method.
 *
 * @param head the part of the path whose last dot separates them
 */
function methodOf(path: string, head = path): NamedTest {
  const dot = head.lastIndexOf('.');
  return { name: path.slice(dot + 1), group: path.slice(0, Math.max(0, dot)) };
}

const unittest: ToolFormat = {
  tool: 'unittest',
  failure(line) {
    const [, name, group] = /^(?:FAIL|ERROR): (\S+)(?: \((.+?)\))?/.exec(line) ?? [];
    return name === undefined
      ? undefined
      : { name, group: group?.replace(new RegExp(`\\.${escapePattern(name)}$`), '') };
  },
  stop: /^======/,
  start: /^Ran \d+ tests? in [\d.]+s$/,
  summary: [/^Ran (?<total>\d+) tests? in [\d.]+s$/, /^(?:OK|FAILED) \((?<counts>[\w ]+=\d+.*)\)$/],
};

const behave: ToolFormat = {
  tool: 'behave',
  details: /^(?:Failing|Errored) scenarios:$/,
  detailsEnd: /^$/,
  failure: /^ {2}(?<file>\S.*?):(?<line>\d+) {2}(?<name>.+?)\s*$/,
  stop: /^$/,
  summary: /^(?<counts>\d+ scenarios? passed, \d+ failed.*)/,
};

const rspec: ToolFormat = {
  tool: 'rspec',
  details: /^Failures:/,
  detailsEnd: /^Pending:/,
  failure: /^ {2}\d+\) (?<name>.+)$/,
  stop: /^(?:Finished in |Failed examples:|Pending:|Failures:)/,
  // RSpec does not count an error outside of examples as an example.
  summary:
    /^(?<total>\d+) examples?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) pending)?(?:, (?<errors>(?<tests>\d+)) errors? occurred outside of examples)?$/,
};

function createMinitest(): ToolFormat {
  let isHeader = false;
  return {
    tool: 'minitest',
    failure(line) {
      if (/^(?:\s*\d+\) )?(?:Failure|Error):$/.test(line)) {
        isHeader = true;
        return undefined;
      }
      // test-unit
      const [, test, of] = /^(?:Failure|Error): (.+)\(([\w:]+)\)(?:: .*)?$/.exec(line) ?? [];
      if (test !== undefined) return { name: test, group: of };
      const [, group, name, file, number] = isHeader
        ? (/^\s*(.+?)#(\S.*?)(?: \[([^\]]+):(\d+)\])?:?$/.exec(line) ?? [])
        : [];
      isHeader = false;
      return name === undefined
        ? undefined
        : { name, group, file, line: number === undefined ? undefined : Number(number) };
    },
    summary:
      /^(?<total>\d+) (?:runs|tests), \d+ assertions, (?<failures>\d+) failures, (?<errors>\d+) errors, (?<skipped>\d+) (?:skips|pendings)/,
  };
}

const phpunit: ToolFormat = {
  tool: 'PHPUnit',
  // Risky, skipped and incomplete tests are listed like failures.
  details: /^There (?:was|were) \d+ (?:error|failure)s?:$/,
  detailsEnd: /^There (?:was|were) \d+ .+:$/,
  failure: /^\d+\) (?<group>[\w\\]+)::(?<name>.+)$/,
  stop: /^(?:--|FAILURES!|ERRORS!|There (?:was|were) )/,
  summary: [/^OK \((?<passed>\d+) tests?, \d+ assertions?\)$/, /^(?<counts>Tests: \d+, Assertions: \d+.*)/],
};

const dotnet: ToolFormat = {
  tool: 'dotnet test',
  failure(line) {
    const [, path] = /^ {2}(?:X|Failed) (.+?) \[[^\]]+\]$/.exec(line) ?? [];
    return path === undefined ? undefined : methodOf(path, path.split('(', 1)[0]);
  },
  stop: /^(?: {2}(?:Passed|Skipped) |Passed!|Failed!|Test Run )/,
  summary:
    /^(?:Passed|Failed|Skipped)!\s+- (?<counts>Failed:\s+\d+, Passed:\s+\d+, Skipped:\s+\d+, Total:\s+\d+)/,
};

const exunit: ToolFormat = {
  tool: 'ExUnit',
  failure: /^ {1,3}\d+\) (?:test|doctest|property) (?<name>.+) \((?<group>\S+)\)$/,
  stop: /^Finished in /,
  summary: /^(?<counts>(?:\d+ (?:tests?|doctests?|properties|property), )+\d+ failures?.*)$/,
};

/** Perl's prove: what failed is on standard error, by the tests themselves. */
const perl: ToolFormat = {
  tool: 'prove',
  failure: [/^#\s{3}Failed test '(?<name>.*)'/, /^#\s{3}Failed (?<name>test)/],
  stop: /^(?!#)/,
  summary: [/^Files=\d+, Tests=(?<total>\d+), /, /^\s*Failed (?<failed>\d+)\/\d+ subtests/],
};

const maven: ToolFormat = {
  tool: 'Maven',
  failure(line) {
    const [, method, group] =
      /^\[ERROR\] (?:([\w$]+)\(([\w.$]+)\)|[\w.$]+)\s+(?:-- )?Time elapsed: .*<<< (?:FAILURE|ERROR)!/.exec(
        line,
      ) ?? [];
    if (method !== undefined) return { name: method, group };
    const [, path] = /^\[ERROR\] ([\w.$]+) -- Time elapsed: .*<<< (?:FAILURE|ERROR)!/.exec(line) ?? [];
    return path === undefined ? undefined : methodOf(path);
  },
  stop: /^\[(?:INFO|ERROR|WARNING)\]/,
  // The line of one class has its time at the end; the sum has none.
  summary:
    /^\[(?:INFO|ERROR|WARNING)\] Tests run: (?<total>\d+), (?<counts>Failures: \d+, Errors: \d+, Skipped: \d+)\s*$/,
};

export const otherFormats: readonly CreateFormat[] = [
  pytest,
  unittest,
  behave,
  rspec,
  createMinitest,
  phpunit,
  dotnet,
  exunit,
  perl,
  maven,
];
