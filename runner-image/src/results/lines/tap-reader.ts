import { type FinalResults, Parser, type Result } from 'tap-parser';
import { z } from 'zod';
import { type CaseDraft, draftCase } from '../result-case.ts';
import type { LineReader } from './line-reader.ts';

/** Names of the failures of a document that breaks off. */
export const bailOut = 'Bail out!';
export const missingTests = 'The TAP plan';

const maxTests = 100_000;
const maxTraceCharacters = 8_000;
const text = z.string().optional().catch(undefined);
/** The diagnostics of node, tape, and node-tap for a failed test. */
const diagnosticsSchema = z.object({
  type: text,
  error: text,
  message: text,
  stack: text,
  location: text,
  duration_ms: z.number().optional().catch(undefined),
  at: z
    .union([
      z.string(),
      z.object({
        fileName: text,
        file: text,
        lineNumber: z.number().optional(),
        line: z.number().optional(),
      }),
    ])
    .optional()
    .catch(undefined),
  expected: z.unknown().optional(),
  actual: z.unknown().optional(),
  found: z.unknown().optional(),
  diff: text,
  wanted: z.unknown().optional(),
});
type Diagnostics = z.infer<typeof diagnosticsSchema>;

interface TapResult {
  readonly draft: CaseDraft;
  /** It ends a group of tests. */
  readonly isGroup: boolean;
  readonly isSuite: boolean;
}

/** Reads TAP 12 to 14, from the line that names its version on. */
export function createTapReader(): LineReader {
  const results: TapResult[] = [];
  let parser: Parser | undefined;
  /** Node's runner counts a test that has subtests; others count assertions. */
  let isNode = false;
  let title = '';
  /** bats begins with the plan. Its comments belong to the test before. */
  let hasTitles = true;
  let hasSubtests = false;
  /** The line before, if it is a plan. */
  let plan = '';

  function listen(to: Parser, path: readonly string[]): void {
    to.on('child', (child: Parser) => listen(child, [...path, child.name]));
    to.on('assert', (result: Result) => {
      if (results.length < maxTests)
        results.push(tapResultOf(result, path.length === 0 && title !== '' ? [title] : path));
    });
    to.on('comment', (comment: string) => {
      // Where each test has a heading, other comments are what a test printed.
      if (/^# Subtest: /.test(comment)) hasSubtests = true;
      // tape names the test that the next assertions belong to. Only events tell their order: results come late.
      const [, heading] = /^# (?!Subtest|tests? |pass |fail |skip|todo|ok$|time)(.+)$/m.exec(comment) ?? [];
      if (hasSubtests) title = '';
      else if (heading !== undefined && hasTitles) title = heading;
      const draft = results.at(-1)?.draft;
      // With titles, only comments like those of Perl belong to the test before.
      const isOfTest = /^\s*#\s{2,}\S/.test(comment) || (!hasTitles && !/^\s*# Subtest/.test(comment));
      if (isOfTest && draft?.outcome === 'failed' && draft.trace.length < maxTraceCharacters)
        draft.trace += comment.replace(/^\s*#\s?/, '');
    });
  }

  function begin(): Parser {
    parser?.end();
    const begun = new Parser({ passes: false });
    listen(begun, []);
    begun.on('complete', (end) => results.push(...brokenOff(end)));
    parser = begun;
    return begun;
  }

  return {
    line(line) {
      const isResult = /^(?:not )?ok \d+\b/.test(line);
      if (/^TAP version 1[234]$/.test(line)) begin();
      // bats and others begin with the plan.
      else if (parser === undefined && plan !== '' && isResult) {
        hasTitles = false;
        begin().write(plan);
      }
      plan = /^1\.\.[1-9]\d*$/.test(line) ? `${line}\n` : '';
      if (parser === undefined) return;
      if (/^# suites \d+$/.test(line)) isNode = true;
      if (/^1\.\.\d/.test(line) && results.length === 0) hasTitles = false;
      parser.write(`${line}\n`);
    },
    end() {
      if (parser === undefined) return undefined;
      parser.end();
      const counted = results.filter(({ isGroup, isSuite }) => (isNode ? !isSuite : !isGroup));
      return { tool: 'TAP', drafts: counted.map(({ draft }) => draft) };
    },
  };
}

/** A document that breaks off has failed, even if every test before passed. */
function brokenOff({ bailout, plan, count }: FinalResults): TapResult[] {
  const planned = plan.end ?? 0;
  const isCut = bailout === false && count < planned;
  if (bailout === false && !isCut) return [];
  const draft = draftCase(isCut ? missingTests : bailOut, '', 'failed');
  draft.message = isCut
    ? `${planned} tests were planned, and ${count} ran.`
    : `The tests were aborted: ${typeof bailout === 'string' ? bailout : 'no reason was given'}`;
  return [{ draft, isGroup: false, isSuite: false }];
}

function tapResultOf(result: Result, path: readonly string[]): TapResult {
  const diagnostics: Diagnostics = diagnosticsSchema.safeParse(result.diag ?? {}).data ?? {};
  const isSkipped = result.skip !== false || result.todo !== false;
  const draft = draftCase(
    result.name,
    path.join(' > '),
    isSkipped ? 'skipped' : result.ok ? 'passed' : 'failed',
  );
  draft.durationSeconds = (result.time ?? diagnostics.duration_ms ?? 0) / 1000;
  if (draft.outcome === 'failed') describe(draft, diagnostics);
  return { draft, isGroup: result.closingTestPoint, isSuite: diagnostics.type === 'suite' };
}

function describe(draft: CaseDraft, diagnostics: Diagnostics): void {
  const { error, message, stack, location, at, expected, actual, wanted, found, diff } = diagnostics;
  const difference = [
    ['expected', expected ?? wanted ?? ofDiff(diff, '-')],
    ['actual', actual ?? found ?? ofDiff(diff, '+')],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${shown(value)}`]));
  const stated = error ?? message;
  draft.message = stated ?? (difference.length === 0 ? undefined : `${draft.name}: ${difference.join(', ')}`);
  const place = typeof at === 'string' ? `at ${at}` : at === undefined ? '' : placeOf(at);
  draft.trace = [stated ?? '', ...difference, place, stack ?? ''].filter((part) => part !== '').join('\n');
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(location ?? '') ?? [];
  draft.file = file;
  draft.line = line === undefined ? undefined : Number(line);
}

function placeOf(at: Extract<Diagnostics['at'], object>): string {
  const file = at.fileName ?? at.file;
  return file === undefined ? '' : `at ${file}:${at.lineNumber ?? at.line ?? 1}`;
}

/** The lines of a unified diff that only one side has. */
function ofDiff(diff: string | undefined, side: '-' | '+'): string | undefined {
  const lines = diff?.split('\n').filter((line) => line.startsWith(side) && !line.startsWith(side.repeat(3)));
  return lines?.map((line) => line.slice(1)).join('\n') || undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value);
}
