import { type CaseDraft, draftCase, secondsOf } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import type { Attributes, XmlDialect } from './xml-dialect.ts';

const maxHeldText = 64 * 1024;

interface OpenResult {
  readonly draft: CaseDraft;
  readonly testId: string;
  hasInner: boolean;
}

/** TRX of Visual Studio and `dotnet test --logger trx`. The classes of the tests come after their results. */
export function trxDialect(onCase: (draft: CaseDraft) => void): XmlDialect {
  const open: OpenResult[] = [];
  const results: OpenResult[] = [];
  const classes = new Map<string, string>();
  let definition = '';

  function take(text: string, into: 'message' | 'trace' | 'output'): void {
    const draft = open.at(-1)?.draft;
    if (draft === undefined || text === '') return;
    const before = draft[into] ?? '';
    if (before.length < maxHeldText) draft[into] = before === '' ? text : `${before}\n${text}`;
  }

  return {
    open({ name, attributes }) {
      if (name === 'unittestresult') {
        const outer = open.at(-1);
        if (outer !== undefined) outer.hasInner = true;
        open.push(openResult(attributes));
      } else if (name === 'unittest') definition = attributes.id ?? '';
      else if (name === 'testmethod') classes.set(definition, classOf(attributes.classname ?? ''));
    },
    close(name, text) {
      if (name === 'message') take(text, 'message');
      else if (name === 'stacktrace') take(text, 'trace');
      else if (name === 'stdout' || name === 'stderr') take(text, 'output');
      else if (name === 'unittestresult') {
        const result = open.pop();
        // A row of data is a test; the test around the rows is their sum.
        if (result !== undefined && !result.hasInner) results.push(result);
      }
    },
    end() {
      for (const { draft, testId } of results) {
        const group = classes.get(testId) ?? draft.group;
        const isPrefixed = draft.name.startsWith(`${group}.`);
        onCase({ ...draft, group, name: isPrefixed ? draft.name.slice(group.length + 1) : draft.name });
      }
    },
  };
}

function openResult(attributes: Attributes): OpenResult {
  const name = attributes.testname ?? '';
  const [qualified = ''] = name.split('(', 1);
  return {
    draft: {
      ...draftCase(
        name,
        qualified.split('.').slice(0, -1).join('.'),
        outcomeOf(attributes.outcome ?? 'passed'),
      ),
      durationSeconds: secondsOf(attributes.duration),
    },
    testId: attributes.testid ?? '',
    hasInner: false,
  };
}

/** Older writers append the assembly: `Acme.Tests, Acme, Version=1.0.0.0`. */
function classOf(name: string): string {
  return name.split(',', 1)[0] ?? '';
}
