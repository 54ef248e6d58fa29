import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { parseJson } from '../../../app/lib/parse-json.ts';
import { readJsonResults } from './json/json-results.ts';
import { createLibtestReader } from './json/libtest-reader.ts';
import { createGoJsonReader } from './lines/go-json-reader.ts';
import type { LineReader } from './lines/line-reader.ts';
import { createTapReader } from './lines/tap-reader.ts';
import { finishCase } from './result-case.ts';
import {
  createXmlReader,
  type ResultFileEnd,
  type ResultReader,
  type ResultReaderOptions,
} from './xml/xml-reader.ts';

/** More than any suite writes; a larger file is read up to here. */
const maxFileBytes = 512 * 1024 * 1024;
/** Limit for JSON, which is read as a whole. */
const maxJsonCharacters = 64 * 1024 * 1024;

/**
 * Reads a file of test results piece by piece, in the format that its beginning tells.
 *
 * @throws an error of the file system
 */
export async function readResultFile(path: string, options: ResultReaderOptions): Promise<ResultFileEnd> {
  let decoder: TextDecoder | undefined;
  let reader: ResultReader | undefined;
  for await (const chunk of createReadStream(path, { end: maxFileBytes - 1, highWaterMark: 256 * 1024 })) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = decoder.decode(chunk, { stream: true });
    reader ??= readerFor(text, options);
    if (!reader.write(text)) return reader.close();
  }
  if (decoder === undefined || reader === undefined)
    return { isResults: false, problem: 'its start: it is empty.' };
  reader.write(decoder.decode());
  return reader.close();
}

function readerFor(start: string, options: ResultReaderOptions): ResultReader {
  const head = start.replace(/^[\ufeff\s]+/, '').slice(0, 20_000);
  if (/^(?:TAP version \d|(?:not )?ok\b|1\.\.\d)/.test(head))
    return lineResults(createTapReader(), options, 'TAP version 13');
  if (/^\{[^\n]{0,500}"Action":/.test(head)) return lineResults(createGoJsonReader(), options);
  if (/^\{ ?"type": ?"(?:suite|test)"/.test(head)) return lineResults(createLibtestReader(), options);
  return /^[{[]/.test(head) ? jsonResults(options) : createXmlReader(options);
}

function lineResults(
  reader: LineReader,
  { onCase, mask }: ResultReaderOptions,
  first?: string,
): ResultReader {
  let rest = '';
  if (first !== undefined) reader.line(first);
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) reader.line(line.replace(/\r$/, ''));
      return true;
    },
    close() {
      if (rest !== '') reader.line(rest);
      const found = reader.end();
      for (const draft of found?.drafts ?? []) onCase(finishCase(draft, mask));
      return { isResults: found !== undefined };
    },
  };
}

function jsonResults({ onCase, mask }: ResultReaderOptions): ResultReader {
  let whole = '';
  return {
    write(text) {
      whole += text;
      return whole.length <= maxJsonCharacters;
    },
    close() {
      if (whole.length > maxJsonCharacters)
        return { isResults: false, problem: 'its size: it is too large.' };
      const document = parseJson(whole.replace(/^\ufeff/, ''));
      if (document === undefined) return { isResults: false, problem: 'a place that is not JSON.' };
      const drafts = readJsonResults(document);
      for (const draft of drafts ?? []) onCase(finishCase(draft, mask));
      return { isResults: drafts !== undefined };
    },
  };
}

/** Detects the encoding by the byte order mark or the XML declaration. Default: UTF-8. */
function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  // Without a mark: the first character is plain, so its other byte is zero.
  if (start[0] !== 0 && start[1] === 0 && start[2] !== 0) return 'utf-16le';
  if (start[0] === 0 && start[1] !== 0 && start[2] === 0) return 'utf-16be';
  const declared =
    /^\s*<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(start.toString('latin1', 0, 200))?.[1] ?? 'utf-8';
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  return isKnownEncoding(declared) && !/^utf-?16/i.test(declared) ? declared : 'utf-8';
}

function isKnownEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
