import { SaxesParser } from 'saxes';
import type { TextMask } from '../../output/secret-masker.ts';
import type { TestCounts } from '../lines/line-reader.ts';
import { type CaseDraft, finishCase, type ResultCase } from '../result-case.ts';
import { junitDialect } from './junit-dialect.ts';
import { nunitDialect } from './nunit-dialect.ts';
import { createXmlRepair } from './repair-xml.ts';
import { trxDialect } from './trx-dialect.ts';
import type { XmlDialect, XmlElement } from './xml-dialect.ts';
import { xunitDialect } from './xunit-dialect.ts';

/** Facts about a whole document. */
export interface ResultFileEnd {
  /** False when no format that holds test results matches the document. */
  readonly isResults: boolean;
  /** Where and how the document is malformed; what came before has been read. */
  readonly problem?: string | undefined;
  /** The tool's own sums, where it does not list every test. */
  readonly counts?: TestCounts | undefined;
  /** How many failed tests the document states, if it lists none of them. */
  readonly unlistedFailures?: number | undefined;
}

/** Reads one result document as a stream, in memory that does not grow with its texts. */
export interface ResultReader {
  /** @returns false if the rest does not matter, because the document is malformed. */
  write(text: string): boolean;
  /** Call once, after the last text. */
  close(): ResultFileEnd;
}

export interface ResultReaderOptions {
  /**
   * Called with each test case. An error of a suite (its collection or setup failed) is a failed case with the suite's
   * name.
   */
  readonly onCase: (testCase: ResultCase) => void;
  readonly mask: TextMask;
}

/** Characters of one text that are held while its element is open. */
const maxHeldCharacters = 64 * 1024;
/** XML forbids them; test output is full of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
const forbiddenCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** Errors in one place of a text that do not change the meaning of the rest. */
const harmless =
  /disallowed character|malformed character entity|undefined entity|"\]\]>"|duplicate attribute|malformed comment|no whitespace between attributes|unquoted attribute|attribute without value|only one root|text data outside of root|must be at the start/;

const dialects: ReadonlyMap<string, (onCase: (draft: CaseDraft) => void) => XmlDialect> = new Map([
  ['testsuites', junitDialect],
  ['testsuite', junitDialect],
  ['testcase', junitDialect],
  ['testrun', junitDialect],
  ['assemblies', xunitDialect],
  ['assembly', xunitDialect],
  ['test-run', nunitDialect],
  ['test-results', nunitDialect],
  ['test-suite', nunitDialect],
]);

function dialectOf(name: string): ((onCase: (draft: CaseDraft) => void) => XmlDialect) | undefined {
  // Visual Studio's root differs from Eclipse's only by its capitals.
  return name === 'TestRun' ? trxDialect : dialects.get(name.toLowerCase());
}

/** Reads JUnit, TRX, xUnit.net and NUnit XML. */
export function createXmlReader({ onCase, mask }: ResultReaderOptions): ResultReader {
  const parser = new SaxesParser({ xmlns: false });
  const repair = createXmlRepair();
  const texts: string[] = [];
  /** Held back until the next event, because the parser closes open elements before it reports a wrong end tag. */
  let pending: CaseDraft[] = [];
  let dialect: XmlDialect | undefined;
  let hasRoot = false;
  let problem: string | undefined;

  function release(): void {
    const ready = pending;
    pending = [];
    for (const draft of ready) onCase(finishCase(draft, mask));
  }

  parser.on('error', (error) => {
    if (!harmless.test(error.message)) problem ??= error.message;
  });
  parser.on('opentag', (tag) => {
    if (problem !== undefined) return;
    release();
    if (!hasRoot) dialect = dialectOf(localName(tag.name))?.((draft) => pending.push(draft));
    hasRoot = true;
    texts.push('');
    dialect?.open(elementOf(tag));
  });
  const takeText = (part: string) => {
    const held = texts.pop();
    if (held !== undefined) texts.push((held + part).slice(0, maxHeldCharacters));
  };
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('comment', (text) => dialect?.comment?.(text));
  parser.on('closetag', (tag) => {
    if (problem !== undefined) return;
    release();
    dialect?.close(localName(tag.name).toLowerCase(), (texts.pop() ?? '').trim());
  });

  function feed(text: string): boolean {
    if (problem === undefined) parser.write(text.replace(forbiddenCharacters, '\ufffd'));
    cutHeldText(parser);
    return problem === undefined;
  }

  return {
    write: (chunk) => feed(repair.write(chunk)),
    close() {
      feed(repair.end());
      // No wrong end tag follows: what is closed by now was closed by the document.
      if (problem === undefined) release();
      if (problem === undefined) parser.close();
      dialect?.end();
      // A document that breaks off within a failed test still tells that it failed.
      if (problem !== undefined) pending = pending.filter(({ outcome }) => outcome === 'failed');
      release();
      const isResults = dialect !== undefined;
      if (problem !== undefined) return { isResults, problem };
      return { isResults, counts: dialect?.counts?.(), unlistedFailures: dialect?.unlistedFailures?.() };
    },
  };
}

/**
 * saxes gathers a text until its element ends, and a test's output may be larger than the memory. It has no option
 * against that, so what it has gathered is cut in place.
 */
function cutHeldText(parser: object): void {
  if ('text' in parser && typeof parser.text === 'string' && parser.text.length > maxHeldCharacters) {
    parser.text = parser.text.slice(0, maxHeldCharacters);
  }
}

function elementOf(tag: {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}): XmlElement {
  return {
    name: localName(tag.name).toLowerCase(),
    attributes: Object.fromEntries(
      Object.entries(tag.attributes).map(([name, value]) => [localName(name).toLowerCase(), value]),
    ),
  };
}

/** Some tools put their elements into a namespace; the prefix is any. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
