import { z } from 'zod';
import { unfinishedTest } from '../../../../app/core/model/test-results.ts';
import { parseJson } from '../../../../app/lib/parse-json.ts';
import { type CaseDraft, draftCase } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import type { LineReader } from './line-reader.ts';

/** One line of `go test -json` (`go doc test2json`). */
const eventSchema = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
  FailedBuild: z.string().optional(),
});
type GoEvent = z.infer<typeof eventSchema>;

export interface GoJsonReader extends LineReader {
  /**
   * Reads a line of the output.
   *
   * @returns the lines that `go test` prints instead. Undefined if the line is not an event of Go.
   */
  translate(line: string): readonly string[] | undefined;
}

const maxTests = 200_000;
const maxTextCharacters = 64 * 1024;
/** Reads `go test -json`, and translates it back to what `go test` prints for people: no line for what passed. */
export function createGoJsonReader(): GoJsonReader {
  const texts = new Map<string, string>();
  const drafts: CaseDraft[] = [];
  const failedPackages = new Set<string>();
  let isGo = false;

  function keep(key: string, text: string): void {
    const before = texts.get(key) ?? '';
    if (before.length < maxTextCharacters) texts.set(key, before + text);
  }

  function take(key: string): string {
    const text = texts.get(key) ?? '';
    texts.delete(key);
    return text;
  }

  function finishTest(
    event: GoEvent & { Test: string },
    outcome: CaseDraft['outcome'],
    isUnfinished = false,
  ): readonly string[] {
    const text = take(keyOf(event));
    const group = event.Package ?? '';
    const isFailed = outcome === 'failed';
    if (isFailed) failedPackages.add(group);
    const hasFailedPart = drafts.some(
      (each) =>
        isFailed &&
        each.outcome === 'failed' &&
        each.group === group &&
        each.name.startsWith(`${event.Test}/`),
    );
    if (drafts.length < maxTests) {
      const trace = `${isFailed ? withoutMarks(text) : ''}${isUnfinished ? unfinishedTest : ''}`;
      const message = hasFailedPart && /^\s*$/.test(withoutMarks(text)) ? 'A subtest failed.' : undefined;
      drafts.push({
        ...draftCase(event.Test, group, outcome),
        durationSeconds: event.Elapsed ?? 0,
        trace,
        message,
      });
    }
    return isFailed ? linesOf(text).filter((line) => !line.startsWith('=== ')) : [];
  }

  /** A program that panics, exits or is out of time says so in the output of a test that has no result. */
  function finishOpenTests({ Package }: GoEvent): readonly string[] {
    const prefix = keyOf({ Package });
    const open = [...texts.keys()].filter((key) => key.startsWith(prefix) && key !== prefix);
    // Subtests come before their test.
    const names = open
      .map((key) => key.slice(prefix.length))
      .sort()
      .reverse();
    const before = drafts.length;
    const lines = names.flatMap((Test) => finishTest({ Action: 'fail', Package, Test }, 'failed', true));
    // They are the cause, so they come first.
    drafts.unshift(...drafts.splice(before));
    return lines;
  }

  /** A package that fails without a failed test: it does not build, or ends early. */
  function finishPackage(event: GoEvent, outcome: CaseDraft['outcome']): readonly string[] {
    const group = event.Package ?? '';
    const lines = outcome === 'failed' ? finishOpenTests(event) : [];
    const text = take(keyOf({ Package: event.FailedBuild })) + take(keyOf({ Package: group }));
    if (outcome !== 'failed' || failedPackages.has(group)) return lines;
    const message = event.FailedBuild === undefined ? undefined : buildError(text);
    drafts.push({ ...draftCase(group, group, 'failed'), trace: withoutMarks(text), message });
    return lines;
  }

  function handle(event: GoEvent): readonly string[] {
    const { Action, Output = '', Test } = event;
    if (Action === 'build-output') keep(keyOf({ Package: event.ImportPath }), Output);
    if (Action === 'build-output') return linesOf(Output);
    if (Action === 'output' || Action === 'error') {
      keep(keyOf(event), Output);
      return Test === undefined && Output !== 'PASS\n' ? linesOf(Output) : [];
    }
    if (!/^(?:pass|fail|skip)$/.test(Action)) return [];
    const outcome = outcomeOf(Action);
    if (Test !== undefined) return finishTest({ ...event, Test }, outcome);
    return finishPackage(event, outcome);
  }

  function translate(line: string): readonly string[] | undefined {
    if (!line.startsWith('{"')) return undefined;
    const event = parse(line);
    if (event === undefined) return undefined;
    isGo = true;
    return handle(event);
  }

  return {
    translate,
    line: (text) => void translate(text),
    end: () => (isGo ? { tool: 'go test', drafts } : undefined),
  };
}

function parse(line: string): GoEvent | undefined {
  // A program under test may print what only looks like an event.
  const event = eventSchema.safeParse(parseJson(line)).data;
  const isGo = event !== undefined && (event.Package ?? event.ImportPath) !== undefined;
  return isGo ? event : undefined;
}

function keyOf({ Package, Test }: Partial<Pick<GoEvent, 'Package' | 'Test'>>): string {
  return `${Package ?? ''}\n${Test ?? ''}`;
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Without the lines that only say which test runs. */
function withoutMarks(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(?:=== |\s*--- |FAIL\b|exit status )/.test(line))
    .join('\n');
}

function buildError(text: string): string | undefined {
  const line = text.split('\n').find((each) => /^\S+\.go:\d+/.test(each));
  return line === undefined
    ? 'The package does not build.'
    : `The package does not build: ${line.replace(/^\S+:\d+(?::\d+)?:\s*/, '')}`;
}
