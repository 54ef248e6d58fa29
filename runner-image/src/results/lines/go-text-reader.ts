import { type CaseDraft, draftCase } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import type { LineReader } from './line-reader.ts';

const maxTests = 100_000;
const maxTraceCharacters = 8_000;
/** Reads what `go test` and `go test -v` print. Without `-v` it names its failed tests only. */
export function createGoTextReader(): LineReader {
  const drafts: CaseDraft[] = [];
  /** Tests whose package has not been named yet. */
  let open: CaseDraft[] = [];
  /** Output of running tests. */
  const printed = new Map<string, string>();
  let running: string | undefined;
  let current: CaseDraft | undefined;
  /** Output before a result. Without `-v`, that of the test comes before it. */
  let loose = '';
  let isGo = false;
  let isVerbose = false;

  function endTest(line: string): boolean {
    const [, word = '', name, time] = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(([\d.]+)s\)$/.exec(line) ?? [];
    if (name === undefined) return false;
    const outcome = outcomeOf(word);
    current = {
      ...draftCase(name, '', outcome),
      durationSeconds: Number(time),
      trace: printed.get(name) ?? '',
      output: outcome === 'failed' ? loose : '',
    };
    loose = '';
    printed.delete(name);
    running = undefined;
    if (drafts.length + open.length < maxTests) open.push(current);
    return true;
  }

  function endPackage(line: string): boolean {
    const [, word, name = '', rest = ''] = /^(ok|FAIL|---|\?) *\t(\S+)(?:\t| )(.*)$/.exec(line) ?? [];
    if (word === undefined) return false;
    isGo = true;
    const tests = open.map((draft) => ({ ...draft, group: name }));
    const hasFailed = tests.some(({ outcome }) => outcome === 'failed');
    if (word === 'FAIL' && !hasFailed) {
      const message = rest.includes('build failed') ? 'The package does not build.' : undefined;
      tests.push({ ...draftCase(name, name, 'failed'), message, trace: current?.trace ?? loose });
    }
    drafts.push(...tests);
    open = [];
    current = undefined;
    running = undefined;
    loose = '';
    return true;
  }

  return {
    line(line) {
      const [, started] = /^=== (?:RUN|CONT|NAME|PAUSE)\s+(\S+)$/.exec(line) ?? [];
      if (started !== undefined) {
        isVerbose = true;
        running = started;
        current = undefined;
        return;
      }
      if (endTest(line) || endPackage(line)) return;
      if (running !== undefined)
        printed.set(running, `${printed.get(running) ?? ''}${line}\n`.slice(0, maxTraceCharacters));
      else if (current !== undefined && current.trace.length < maxTraceCharacters)
        current.trace += `${line}\n`;
      else if (current === undefined && loose.length < maxTraceCharacters) loose += `${line}\n`;
    },
    end() {
      if (!isGo) return undefined;
      const failed = drafts.filter(({ outcome }) => outcome === 'failed');
      for (const draft of failed) {
        const isOfSubtest = failed.some(
          ({ group, name }) => group === draft.group && name.startsWith(`${draft.name}/`),
        );
        if (isOfSubtest && draft.trace.trim() === '') draft.message = 'A subtest failed.';
      }
      if (isVerbose) return { tool: 'go test', drafts };
      return {
        tool: 'go test',
        drafts: drafts.filter(({ outcome }) => outcome === 'failed'),
        isPartial: true,
      };
    },
  };
}
