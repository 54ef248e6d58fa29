import type { TextMask } from '../../output/secret-masker.ts';
import { withoutAnsi } from '../plain-text.ts';
import { createBuildReader } from './build-reader.ts';
import { createGoJsonReader } from './go-json-reader.ts';
import { createGoTextReader } from './go-text-reader.ts';
import { javascriptFormats } from './javascript-formats.ts';
import type { LineFindings } from './line-reader.ts';
import { createLoadErrorReader } from './load-error-reader.ts';
import { nativeFormats } from './native-formats.ts';
import { otherFormats } from './other-formats.ts';
import { createTapReader } from './tap-reader.ts';
import { createToolReader } from './tool-reader.ts';

/** Reads test results from what a command prints, for suites that write no result file. */
export interface OutputWatch {
  /**
   * @param block whole lines
   * @returns what to show: events of `go test -json` become the lines that `go test` prints, the rest stays byte by byte
   */
  take(block: Buffer): Buffer;
  /** Call once, after the last block. */
  findings(): LineFindings[];
}

const newline = 0x0a;
/** Test tools do not write longer lines. */
const maxLineBytes = 64 * 1024;
/** Reading has a bound, whatever a command prints. */
const maxLines = 3_000_000;

/** Tools that start others, and may print what these print: `prove -v` the TAP of each file, nextest each failed test. */
const outerTools: ReadonlyMap<string, string> = new Map([
  ['TAP', 'prove'],
  ['cargo test', 'cargo nextest'],
  ['ginkgo', 'go test'],
]);

/** @param mask removes secrets that an escape has hidden in the output */
export function createOutputWatch(mask: TextMask): OutputWatch {
  const goJson = createGoJsonReader();
  const readers = [
    createGoTextReader(),
    createTapReader(),
    createBuildReader(),
    createLoadErrorReader(),
    ...[...javascriptFormats, ...nativeFormats, ...otherFormats].map(createToolReader),
  ];
  let lines = 0;

  function takeLine(bytes: Buffer): Buffer {
    lines += 1;
    if (bytes.length > maxLineBytes || lines > maxLines) return bytes;
    const text = plain(bytes.toString('utf8'));
    const translated = goJson.translate(text);
    if (translated !== undefined) {
      return Buffer.from(mask(translated.map((line) => `${line}\n`).join('')));
    }
    for (const reader of readers) reader.line(text);
    return bytes;
  }

  return {
    take(block) {
      const parts: Buffer[] = [];
      for (let start = 0; start < block.length; ) {
        const end = block.indexOf(newline, start);
        const next = end === -1 ? block.length : end + 1;
        parts.push(takeLine(block.subarray(start, next)));
        start = next;
      }
      return Buffer.concat(parts);
    },
    findings() {
      const found = [goJson, ...readers].flatMap((reader) => reader.end() ?? []);
      const tools = new Set(found.map(({ tool }) => tool));
      return found.filter(({ tool }) => !tools.has(outerTools.get(tool) ?? ''));
    },
  };
}

/** The prefix that pnpm and turbo add to the lines of each package. */
const packagePrefix = /^(?:[\w@./-]{1,100} test: |[\w@./-]{1,100}:test: ?)/;

function plain(line: string): string {
  // A dot of a pattern matches no separator of lines.
  const text = line.replace(/[\r\n]+$/, '').replace(/[\u2028\u2029]/g, ' ');
  const uncolored = text.includes('\u001b') ? withoutAnsi(text) : text;
  return uncolored.replace(packagePrefix, '');
}
