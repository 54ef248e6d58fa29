import type { ToolFormat, ToolLines } from './tool-format.ts';

function createRspecLines(): ToolLines {
  let isPending = false;
  return {
    failure(line) {
      if (/^(?:Failures|Pending):/.test(line)) isPending = line.startsWith('Pending');
      if (isPending) return undefined;
      const name = /^ {2}\d+\) (.+)$/.exec(line)?.[1];
      return name === undefined ? undefined : { name };
    },
    stop: (line) => /^(?:Finished in |Failed examples:|Pending:|Failures:)/.test(line),
    summary(line) {
      const [, total, failed, pending = '0', outside = '0'] =
        /^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?(?:, (\d+) errors? occurred outside of examples)?$/.exec(
          line,
        ) ?? [];
      if (total === undefined) return undefined;
      const errors = Number(outside);
      return { total: Number(total) + errors, failed: Number(failed) + errors, skipped: Number(pending) };
    },
  };
}

function createMinitestLines(): ToolLines {
  let isHeader = false;
  return {
    failure(line) {
      if (/^\s*\d+\) (?:Failure|Error):$/.test(line) || /^(?:Failure|Error):$/.test(line)) {
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
    summary(line) {
      const [, total, failures, errors, skips] =
        /^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors, (\d+) (?:skips|pendings)/.exec(
          line,
        ) ?? [];
      return total === undefined
        ? undefined
        : { total: Number(total), failed: Number(failures) + Number(errors), skipped: Number(skips) };
    },
  };
}

function createPhpunitLines(): ToolLines {
  // Risky, skipped and incomplete tests are listed like failures.
  let isFailure = true;
  return {
    failure(line) {
      const [, what] = /^There (?:was|were) \d+ (.+):$/.exec(line) ?? [];
      if (what !== undefined) isFailure = /^(?:error|failure)s?$/.test(what);
      if (!isFailure) return undefined;
      const [, group, name] = /^\d+\) ([\w\\]+)::(.+)$/.exec(line) ?? [];
      return name === undefined ? undefined : { name, group };
    },
    stop: (line) => /^(?:--|FAILURES!|ERRORS!|There (?:was|were) )/.test(line),
    summary(line) {
      const [, all] = /^OK \((\d+) tests?, \d+ assertions?\)$/.exec(line) ?? [];
      if (all !== undefined) return { passed: Number(all) };
      if (!/^Tests: \d+, Assertions: \d+/.test(line)) return undefined;
      const of = (word: string) => Number(new RegExp(`\\b${word}: (\\d+)`).exec(line)?.[1] ?? 0);
      return {
        total: of('Tests'),
        failed: of('Failures') + of('Errors'),
        skipped: of('Skipped') + of('Incomplete'),
      };
    },
  };
}

function createDotnetLines(): ToolLines {
  return {
    failure(line) {
      const [, path] = /^ {2}(?:X|Failed) (.+?) \[[^\]]+\]$/.exec(line) ?? [];
      if (path === undefined) return undefined;
      const [head = ''] = path.split('(', 1);
      const dot = head.lastIndexOf('.');
      return { name: path.slice(dot + 1), group: path.slice(0, Math.max(0, dot)) };
    },
    stop: (line) => /^ {2}(?:Passed|Skipped) /.test(line) || /^(?:Passed!|Failed!|Test Run )/.test(line),
    summary(line) {
      const [, failed, , skipped, total] =
        /^(?:Passed|Failed|Skipped)!\s+- Failed:\s+(\d+), Passed:\s+(\d+), Skipped:\s+(\d+), Total:\s+(\d+)/.exec(
          line,
        ) ?? [];
      return total === undefined
        ? undefined
        : { total: Number(total), failed: Number(failed), skipped: Number(skipped) };
    },
  };
}

function createExunitLines(): ToolLines {
  return {
    failure(line) {
      const [, name, group] = /^ {1,3}\d+\) (?:test|doctest|property) (.+) \((\S+)\)$/.exec(line) ?? [];
      return name === undefined ? undefined : { name, group };
    },
    stop: (line) => line.startsWith('Finished in '),
    summary(line) {
      const [, head, failed, rest = ''] =
        /^((?:\d+ (?:tests?|doctests?|properties|property), )+)(\d+) failures?(.*)$/.exec(line) ?? [];
      if (head === undefined) return undefined;
      const total = [...head.matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0);
      const of = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(rest)?.[1] ?? 0);
      return { total, failed: Number(failed) + of('invalid'), skipped: of('skipped') };
    },
  };
}

/** Perl's prove: what failed is on standard error, by the tests themselves. */
function createPerlLines(): ToolLines {
  return {
    failure(line) {
      const [, name] = /^#\s{3}Failed (?:\(TODO\) )?test (?:'(.*)')?/.exec(line) ?? [];
      return /^#\s{3}Failed test/.test(line) ? { name: name ?? 'test' } : undefined;
    },
    stop: (line) => !line.startsWith('#'),
    summary(line) {
      const [, total] = /^Files=\d+, Tests=(\d+), /.exec(line) ?? [];
      if (total !== undefined) return { total: Number(total) };
      const [, failed] = /^Failed (\d+)\/\d+ subtests/.exec(line.trim()) ?? [];
      return failed === undefined ? undefined : { failed: Number(failed) };
    },
  };
}

function createMavenLines(): ToolLines {
  return {
    failure(line) {
      const [, method, group] =
        /^\[ERROR\] (?:([\w$]+)\(([\w.$]+)\)|[\w.$]+)\s+(?:-- )?Time elapsed: .*<<< (?:FAILURE|ERROR)!/.exec(
          line,
        ) ?? [];
      if (method !== undefined) return { name: method, group };
      const [, path] = /^\[ERROR\] ([\w.$]+) -- Time elapsed: .*<<< (?:FAILURE|ERROR)!/.exec(line) ?? [];
      if (path === undefined) return undefined;
      const dot = path.lastIndexOf('.');
      return { name: path.slice(dot + 1), group: path.slice(0, Math.max(0, dot)) };
    },
    stop: (line) => /^\[(?:INFO|ERROR|WARNING)\]/.test(line),
    summary(line) {
      // The line of one class has its time at the end; the sum has none.
      const [, total, failures, errors, skipped] =
        /^\[(?:INFO|ERROR|WARNING)\] Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$/.exec(
          line.trimEnd(),
        ) ?? [];
      return total === undefined
        ? undefined
        : { total: Number(total), failed: Number(failures) + Number(errors), skipped: Number(skipped) };
    },
  };
}

export const otherFormats: readonly ToolFormat[] = [
  { tool: 'rspec', create: createRspecLines },
  { tool: 'minitest', create: createMinitestLines },
  { tool: 'PHPUnit', create: createPhpunitLines },
  { tool: 'dotnet test', create: createDotnetLines },
  { tool: 'ExUnit', create: createExunitLines },
  { tool: 'prove', create: createPerlLines },
  { tool: 'Maven', create: createMavenLines },
];
