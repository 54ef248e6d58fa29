import { cutText } from '../../../app/lib/cut-text.ts';

/** The end of a log, in limited memory. */
export interface LogTail {
  push(block: Buffer): void;
  /** @returns the last lines, oldest first, without their newlines. */
  lines(options: { readonly count: number; readonly maxCharacters: number }): string[];
}

/** @param maxBytes approximate number of bytes that are kept */
export function createLogTail(maxBytes: number = 512 * 1024): LogTail {
  const blocks: Buffer[] = [];
  let keptBytes = 0;
  let isCut = false;

  return {
    push(block) {
      blocks.push(block);
      keptBytes += block.length;
      for (let first = blocks[0]; first && keptBytes - first.length > maxBytes; first = blocks[0]) {
        blocks.shift();
        keptBytes -= first.length;
        isCut = true;
      }
    },
    lines({ count, maxCharacters }) {
      const bytes = Buffer.concat(blocks);
      const lines = bytes
        .subarray(Math.max(0, bytes.length - maxBytes))
        .toString('utf8')
        .split('\n');
      if (lines.at(-1) === '') lines.pop();
      if ((isCut || bytes.length > maxBytes) && lines.length > 1) lines.shift();
      return lines.slice(-count).map((line) => cutText(line, maxCharacters));
    },
  };
}
