import { type CaseDraft, draftCase, secondsOf } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';
import { type Attributes, caseDialect, type XmlDialect } from './xml-dialect.ts';

/** The XML of NUnit, versions 2 and 3: https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html */
export function nunitDialect(onCase: (draft: CaseDraft) => void): XmlDialect {
  return caseDialect(
    onCase,
    ({ name, attributes }) => (name === 'test-case' ? openTest(attributes) : undefined),
    // An assertion has a message too.
    (parent) => parent === 'failure',
  );
}

function openTest(attributes: Attributes): CaseDraft {
  const { name = '', fullname = name, classname } = attributes;
  // Version 2 has the whole name in `name`.
  const method = name.includes('.') && classname === undefined ? lastPart(name) : name;
  const group = classname ?? fullname.slice(0, Math.max(0, fullname.length - method.length - 1));
  const isRun = !/^false$/i.test(attributes.executed ?? '');
  return {
    ...draftCase(method, group, isRun ? outcomeOf(attributes.result ?? '') : 'skipped'),
    durationSeconds: secondsOf(attributes.duration ?? attributes.time),
  };
}

/** Arguments may hold points: `Acme.Tests.Adds(1.5)`. */
function lastPart(name: string): string {
  const bracket = name.indexOf('(');
  const head = bracket === -1 ? name : name.slice(0, bracket);
  return name.slice(head.lastIndexOf('.') + 1);
}
