import { createNesting, secondsFrom } from './nesting.ts';
import type { ToolLines } from './tool-format.ts';

/** The lines of `node --test`. */
export function createNodeLines(): ToolLines {
  const nesting = createNesting();
  let isSummary = false;
  let place: { file: string; line: number } | undefined;
  return {
    test(line) {
      if (isSummary) return undefined;
      const heading = /^(\s*)▶ (.+?)(?: \([\d.]+ms\))?$/.exec(line);
      if (heading !== null) nesting.heading(heading[1]?.length ?? 0, heading[2] ?? '');
      const [, indent = '', mark, name = '', time, flag] =
        /^(\s*)([✔✖﹣])\s+(.+?)(?: \(([\d.]+)ms\))?(?: # (SKIP|TODO).*)?$/.exec(line) ?? [];
      if (mark === undefined) return undefined;
      const isSkipped = flag !== undefined || mark === '﹣';
      const outcome = isSkipped ? 'skipped' : mark === '✔' ? 'passed' : 'failed';
      return { name, group: nesting.groupAt(indent.length), outcome, seconds: secondsFrom(time, 'ms') };
    },
    failure(line) {
      if (!isSummary) return undefined;
      const at = /^test at (.+?):(\d+):\d+$/.exec(line);
      if (at !== null) place = { file: at[1] ?? '', line: Number(at[2]) };
      const [, name, flag] = /^✖ (.+?)(?: \([\d.]+ms\))?(?: # (TODO|SKIP).*)?$/.exec(line) ?? [];
      return name === undefined || name === 'failing tests:' || flag !== undefined
        ? undefined
        : { name, ...place };
    },
    stop: (line) => /^(?:test at |✖ )/.test(line),
    summary(line) {
      const [, word, count] = /^ℹ (tests|pass|fail|cancelled|skipped|todo) (\d+)$/.exec(line) ?? [];
      if (word === undefined) return undefined;
      isSummary = true;
      if (word === 'tests') return { total: Number(count) };
      if (word === 'fail' || word === 'cancelled') return { failed: Number(count) };
      return word === 'pass' ? { passed: Number(count) } : { skipped: Number(count) };
    },
  };
}

/** The lines of `bun test`. */
export function createBunLines(): ToolLines {
  let isBun = false;
  return {
    output: 'before',
    begins: (line) => /^\((?:pass|fail|skip|todo)\) /.test(line),
    test(line) {
      if (/^bun test v/.test(line)) isBun = true;
      const [, mark, name = '', time] =
        /^\((pass|fail|skip|todo)\) (.+?)(?: \[([\d.]+)ms\])?$/.exec(line) ?? [];
      if (mark === undefined) return undefined;
      const outcome = mark === 'pass' ? 'passed' : mark === 'fail' ? 'failed' : 'skipped';
      return { name, outcome, seconds: secondsFrom(time, 'ms') };
    },
    summary(line) {
      const [, count, word] = isBun ? (/^ {1,3}(\d+) (pass|fail|skip|todo)$/.exec(line) ?? []) : [];
      if (word === undefined) return undefined;
      if (word === 'pass') return { passed: Number(count) };
      return word === 'fail' ? { failed: Number(count) } : { skipped: Number(count) };
    },
  };
}

/** The lines of `deno test`. */
export function createDenoLines(): ToolLines {
  return {
    test(line) {
      const [, name, word, time, unit] =
        /^(?:\s*)(.+) \.\.\. (ok|FAILED|ignored)(?: \((\d+)(ms|s)\))?$/.exec(line) ?? [];
      if (name === undefined || name.startsWith('test ')) return undefined;
      const outcome = word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
      return { name, outcome, seconds: secondsFrom(time, unit) };
    },
    failure(line) {
      const [, name, file, number] = /^(.+) => (\S+):(\d+):\d+$/.exec(line) ?? [];
      return name === undefined ? undefined : { name, file: file ?? '', line: Number(number) };
    },
    stop: (line) => /^ (?:FAILURES|ERRORS) $/.test(line),
    summary(line) {
      const [, passed, failed, ignored = '0'] =
        /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/.exec(
          line,
        ) ?? [];
      return passed === undefined
        ? undefined
        : { passed: Number(passed), failed: Number(failed), skipped: Number(ignored) };
    },
  };
}
