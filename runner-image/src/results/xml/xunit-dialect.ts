import { type CaseDraft, draftCase, secondsOf } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import type { Attributes, XmlDialect } from './xml-dialect.ts';

/** The XML of xUnit.net, versions 1 to 3: https://xunit.net/docs/format-xml-v2 */
export function xunitDialect(onCase: (draft: CaseDraft) => void): XmlDialect {
  let current: CaseDraft | undefined;
  let assembly = '';

  return {
    open({ name, attributes }) {
      if (name === 'assembly') assembly = (attributes.name ?? '').split(/[\\/]/).at(-1) ?? '';
      else if (name === 'test') current = openTest(attributes);
      // An error of the assembly or of a fixture's cleanup belongs to no test.
      else if (name === 'error')
        current = draftCase(attributes.name || attributes.type || 'error', assembly, 'failed');
    },
    close(name, text) {
      if (current === undefined) return;
      if (name === 'message') current.message = text;
      else if (name === 'stack-trace') current.trace = text;
      else if (name === 'output') current.output = text;
      else if (name === 'test' || name === 'error') {
        onCase(current);
        current = undefined;
      }
    },
    end() {
      if (current?.outcome === 'failed') onCase(current);
    },
  };
}

function openTest(attributes: Attributes): CaseDraft {
  const { name = '', type = '' } = attributes;
  return {
    ...draftCase(
      type !== '' && name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name,
      type,
      outcomeOf(attributes.result ?? ''),
    ),
    durationSeconds: secondsOf(attributes.time),
    file: attributes['source-file'],
    line: Number.parseInt(attributes['source-line'] ?? '', 10),
  };
}
