import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { createJunitParser, type JunitParserOptions } from './junit-parser.ts';

export interface JunitFileEnd {
  readonly isJunit: boolean;
  /** What was wrong with the file; the cases before it have been read. */
  readonly problem?: string;
}

/** More than any suite writes; a file that is larger is read up to here. */
const maxFileBytes = 512 * 1024 * 1024;

/**
 * Reads a JUnit file piece by piece.
 *
 * @throws what the file system says
 */
export async function readJunitFile(path: string, options: JunitParserOptions): Promise<JunitFileEnd> {
  const parser = createJunitParser(options);
  let decoder: TextDecoder | undefined;
  for await (const chunk of createReadStream(path, { end: maxFileBytes - 1, highWaterMark: 256 * 1024 })) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    parser.write(decoder.decode(chunk, { stream: true }));
    if (parser.problem !== undefined) break;
  }
  if (decoder !== undefined && parser.problem === undefined) parser.write(decoder.decode());
  parser.close();
  return { isJunit: parser.isJunit, ...(parser.problem === undefined ? {} : { problem: parser.problem }) };
}

/** By the byte order mark, else by the XML declaration, else UTF-8. */
function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const declared =
    /^<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(start.toString('latin1', 0, 200))?.[1] ?? 'utf-8';
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
