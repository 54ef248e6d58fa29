import { escapePattern } from '../../../../app/lib/escape-pattern.ts';
import type { ToolFormat, ToolLines } from './tool-format.ts';

const pytestWords: ReadonlyMap<string, 'passed' | 'failed' | 'skipped'> = new Map([
  ['passed', 'passed'],
  ['xpassed', 'passed'],
  ['failed', 'failed'],
  ['error', 'failed'],
  ['errors', 'failed'],
  ['skipped', 'skipped'],
  ['xfailed', 'skipped'],
]);

function createPytestLines(): ToolLines {
  return {
    failure(line) {
      const [, name] =
        /^_{3,} (?:ERROR (?:at (?:setup|teardown) of|collecting) )?(.+?) _{3,}$/.exec(line) ?? [];
      if (name === undefined) return undefined;
      // A file that could not be collected.
      if (name.endsWith('.py')) return { name, group: name, file: name };
      // The parameters of a test, and the message of a subtest, may contain dots.
      const [path = name] = /^[^[( ]*/.exec(name) ?? [];
      const dot = path.lastIndexOf('.');
      return { name: name.slice(dot + 1), group: name.slice(0, Math.max(0, dot)) };
    },
    stop: (line) => /^={3,} .* ={3,}$/.test(line),
    summary(line) {
      const [, text] =
        /^(?:=+ )?(\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun).*) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$/.exec(
          line,
        ) ?? [];
      if (text === undefined) return undefined;
      const sums = { passed: 0, failed: 0, skipped: 0 };
      for (const [, count, word = ''] of text.matchAll(/(\d+) (\w+)/g)) {
        const name = pytestWords.get(word);
        if (name !== undefined) sums[name] += Number(count);
      }
      return sums;
    },
  };
}

function createUnittestLines(): ToolLines {
  let isEnded = false;
  return {
    failure(line) {
      const [, name, group] = /^(?:FAIL|ERROR): (\S+)(?: \((.+?)\))?/.exec(line) ?? [];
      return name === undefined
        ? undefined
        : { name, group: group?.replace(new RegExp(`\\.${escapePattern(name)}$`), '') };
    },
    stop: (line) => line.startsWith('======'),
    summary(line) {
      const [, total] = /^Ran (\d+) tests? in [\d.]+s$/.exec(line) ?? [];
      if (total !== undefined) {
        isEnded = true;
        return { total: Number(total) };
      }
      const [, text] = isEnded ? (/^(?:OK|FAILED)(?: \((.*)\))?$/.exec(line) ?? []) : [];
      const counts = [
        ...(text ?? '').matchAll(/(failures|errors|skipped|expected failures|unexpected successes)=(\d+)/g),
      ];
      if (counts.length === 0) return undefined;
      const sum = (names: readonly string[]) =>
        counts.reduce((total, [, name = '', count]) => total + (names.includes(name) ? Number(count) : 0), 0);
      return {
        failed: sum(['failures', 'errors', 'unexpected successes']),
        skipped: sum(['skipped', 'expected failures']),
      };
    },
  };
}

function createBehaveLines(): ToolLines {
  let isList = false;
  return {
    failure(line) {
      if (/^(?:Failing|Errored) scenarios:$/.test(line)) isList = true;
      else if (line === '') isList = false;
      const [, file, number, name] = isList ? (/^ {2}(\S.*?):(\d+) {2}(.+?)\s*$/.exec(line) ?? []) : [];
      return name === undefined ? undefined : { name, file, line: Number(number) };
    },
    stop: (line) => line === '',
    summary(line) {
      if (!/^\d+ scenarios? passed, \d+ failed/.test(line)) return undefined;
      const of = (word: string) => Number(new RegExp(`(\\d+) (?:scenarios? )?${word}`).exec(line)?.[1] ?? 0);
      return { passed: of('passed'), failed: of('failed') + of('error'), skipped: of('skipped') };
    },
  };
}

export const pythonFormats: readonly ToolFormat[] = [
  { tool: 'pytest', create: createPytestLines },
  { tool: 'unittest', create: createUnittestLines },
  { tool: 'behave', create: createBehaveLines },
];
