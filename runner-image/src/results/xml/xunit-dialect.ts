import { type CaseDraft, draftCase, secondsOf } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import { type Attributes, caseDialect, type XmlDialect } from './xml-dialect.ts';

/** The XML of xUnit.net, versions 1 to 3: https://xunit.net/docs/format-xml-v2 */
export function xunitDialect(onCase: (draft: CaseDraft) => void): XmlDialect {
  let assembly = '';
  return caseDialect(onCase, ({ name, attributes }) => {
    if (name === 'assembly') assembly = (attributes.name ?? '').split(/[\\/]/).at(-1) ?? '';
    // An error of the assembly or of a fixture's cleanup belongs to no test.
    if (name === 'error') return draftCase(attributes.name || attributes.type || 'error', assembly, 'failed');
    return name === 'test' ? openTest(attributes) : undefined;
  });
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
