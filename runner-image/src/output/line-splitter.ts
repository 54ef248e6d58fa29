const newline = 0x0a;
/** Longer lines are split, so an endless line cannot fill the memory of the reader of the log. */
const defaultMaxLineBytes = 1024 * 1024;
/** Number of pieces of one line that are joined together. Joining after each piece would copy the line repeatedly. */
const maxHeldPieces = 1_000;

/** Splits a stream of bytes into whole lines. Every byte is kept, including control characters. */
export interface LineSplitter {
  /** @returns blocks of whole lines, each with its newline. */
  push(chunk: Buffer): Buffer[];
  /** @returns the last line, with a newline added. */
  flush(): Buffer[];
}

/** @param maxLineBytes longer lines are split here by a newline, between two UTF-8 characters */
export function createLineSplitter(maxLineBytes: number = defaultMaxLineBytes): LineSplitter {
  /** The pieces of an unfinished line. */
  let held: Buffer[] = [];
  let heldBytes = 0;

  function hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldBytes += bytes.length;
    if (held.length > maxHeldPieces) held = [Buffer.concat(held)];
  }

  function release(): Buffer {
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    return bytes;
  }

  return {
    push(chunk) {
      const lastNewline = chunk.lastIndexOf(newline);
      if (heldBytes + chunk.length <= maxLineBytes) {
        hold(chunk.subarray(0, lastNewline + 1));
        const blocks = lastNewline === -1 ? [] : [release()];
        hold(chunk.subarray(lastNewline + 1));
        return blocks;
      }
      hold(chunk);
      const { blocks, rest } = cutLongLines(release(), maxLineBytes);
      hold(rest);
      return blocks;
    },
    flush() {
      return heldBytes === 0 ? [] : [withNewline(release())];
    },
  };
}

function cutLongLines(bytes: Buffer, maxLineBytes: number): { blocks: Buffer[]; rest: Buffer } {
  const blocks: Buffer[] = [];
  let blockStart = 0;
  let lineStart = 0;
  for (;;) {
    const next = bytes.indexOf(newline, lineStart);
    const lineEnd = next === -1 ? bytes.length : next;
    if (lineEnd - lineStart > maxLineBytes) {
      lineStart = characterBoundary(bytes, lineStart, maxLineBytes);
      blocks.push(withNewline(bytes.subarray(blockStart, lineStart)));
      blockStart = lineStart;
    } else if (next === -1) {
      break;
    } else {
      lineStart = next + 1;
    }
  }
  if (lineStart > blockStart) blocks.push(bytes.subarray(blockStart, lineStart));
  return { blocks, rest: bytes.subarray(lineStart) };
}

function withNewline(line: Buffer): Buffer {
  return Buffer.concat([line, Buffer.of(newline)]);
}

/** Finds the last position, at most `maxLineBytes` after `start`, that is not inside a UTF-8 character. */
function characterBoundary(bytes: Buffer, start: number, maxLineBytes: number): number {
  for (let at = start + maxLineBytes; at > start && at > start + maxLineBytes - 4; at -= 1) {
    const byte = bytes[at] ?? 0;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (!isContinuation) return at;
  }
  return start + maxLineBytes;
}
