import { SaxesParser } from 'saxes';
import type { TextMask } from '../output/secret-masker.ts';
import { type Attributes, closeCase, type JunitCase, type OpenCase, openCase } from './junit-case.ts';

/** Reads one JUnit XML document as it comes, in memory that does not grow with the document. */
export interface JunitParser {
  write(text: string): void;
  /** Call once, after the last text. */
  close(): void;
  /** Where and how the document is malformed; what came before has been read. */
  readonly problem: string | undefined;
  /** False when the document's root is neither `testsuites` nor `testsuite`. */
  readonly isJunit: boolean;
}

/** So much of one text is held while its element is open. */
const maxHeldCharacters = 64 * 1024;
/** XML forbids them; test output is full of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these characters that have to go
const forbiddenCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** Faults in one place of a text; what follows still means what it says. */
const harmless = /disallowed character\.|malformed character entity|undefined entity|"\]\]>"/;

export interface JunitParserOptions {
  /**
   * Told of each test case when it ends. A fault at the level of a suite (nothing could be collected, the set-up
   * failed) comes as a failed case with the suite's name.
   */
  readonly onCase: (testCase: JunitCase) => void;
  readonly mask: TextMask;
}

export function createJunitParser({ onCase, mask }: JunitParserOptions): JunitParser {
  const parser = new SaxesParser({ xmlns: false });
  const elements: string[] = [];
  const suites: Attributes[] = [];
  let current: OpenCase | undefined;
  /** Held back until the parser has gone on: it ends the elements that are open before it finds fault with an end tag. */
  let finished: JunitCase | undefined;
  let text = '';
  let root: string | undefined;
  let problem: string | undefined;

  function finishCase(): void {
    if (current !== undefined) finished = closeCase(current, suites.at(-1) ?? {}, mask);
    current = undefined;
  }

  function release(): void {
    if (finished !== undefined) onCase(finished);
    finished = undefined;
  }

  function takeText(part: string): void {
    text = (text + part).slice(0, maxHeldCharacters);
  }

  parser.on('error', (error) => {
    if (!harmless.test(error.message)) problem ??= error.message;
  });
  parser.on('opentag', (tag) => {
    if (problem !== undefined) return;
    release();
    const element = tag.name.toLowerCase();
    const attributes = lowerCaseNames(tag.attributes);
    const parent = elements.at(-1);
    root ??= element;
    text = '';
    if (element === 'testsuite') suites.push(attributes);
    if (element === 'testcase') current = openCase(attributes);
    if (isFault(element) && parent === 'testsuite') current = openCase({ name: suites.at(-1)?.name ?? '' });
    if (isFault(element) && current !== undefined) {
      current.outcome = 'failed';
      current.message ??= attributes.message || undefined;
    }
    if (element === 'skipped' && current?.outcome === 'passed') current.outcome = 'skipped';
    elements.push(element);
  });
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('closetag', (tag) => {
    if (problem !== undefined) return;
    release();
    const element = tag.name.toLowerCase();
    elements.pop();
    if (current !== undefined && isFault(element)) current.trace = joined(current.trace, text.trim());
    if (current !== undefined && isOutput(element)) current.output = joined(current.output, text.trim());
    if (element === 'testcase' || (isFault(element) && elements.at(-1) === 'testsuite')) finishCase();
    if (element === 'testsuite') suites.pop();
    text = '';
  });

  return {
    write(chunk) {
      if (problem !== undefined) return;
      parser.write(chunk.replace(forbiddenCharacters, '\ufffd'));
      cutHeldText(parser);
    },
    close() {
      if (problem === undefined) parser.close();
      // A document that breaks off within a failed test still tells that it failed.
      if (current?.outcome === 'failed') finishCase();
      if (problem === undefined || finished?.outcome === 'failed') release();
    },
    get problem() {
      return problem;
    },
    get isJunit() {
      return root === 'testsuites' || root === 'testsuite';
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

function isFault(element: string): boolean {
  return element === 'failure' || element === 'error';
}

function isOutput(element: string): boolean {
  return element === 'system-out' || element === 'system-err';
}

function joined(before: string, part: string): string {
  return before === '' || part === '' ? before + part : `${before}\n\n${part}`;
}

function lowerCaseNames(attributes: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
}
