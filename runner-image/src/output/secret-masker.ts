import { secretForms } from './secret-forms.ts';

const mask = Buffer.from('***');

/** Replaces secrets in a stream of bytes, wherever the chunks are split. */
export interface SecretMasker {
  /** @returns bytes without secrets. Bytes that may begin a secret are held back until the next call. */
  push(chunk: Buffer): Buffer;
  /** @returns the bytes that were held back. Call it at the end of the stream. */
  flush(): Buffer;
}

/** @param secrets each is replaced by `***`, in each of the forms of {@link secretForms}. The list may grow. */
export function createSecretMasker(secrets: readonly string[]): SecretMasker {
  const needlesNow = growing(secrets, needlesOf);
  let pending: Buffer = Buffer.alloc(0);
  /** Number of bytes of `pending` that belong to a secret whose `***` is already written. */
  let coveredBytes = 0;

  function take(bytes: Buffer, safeEnd: number, needles: readonly Buffer[]): Buffer {
    const parts: Buffer[] = [];
    let at = 0;
    for (const { start, end } of maskedRanges(bytes, needles, coveredBytes)) {
      if (start >= safeEnd) break;
      parts.push(bytes.subarray(at, start));
      if (start > 0 || coveredBytes === 0) parts.push(mask);
      at = end;
    }
    if (at < safeEnd) parts.push(bytes.subarray(at, safeEnd));
    // If nothing is safe yet, the covered bytes stay covered.
    coveredBytes = Math.max(0, Math.max(at, coveredBytes) - safeEnd);
    pending = bytes.subarray(safeEnd);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  return {
    push(chunk) {
      const needles = needlesNow();
      if (needles.length === 0) return chunk;
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      return take(bytes, bytes.length - heldBackBytes(bytes, needles), needles);
    },
    flush() {
      return take(pending, pending.length, needlesNow());
    },
  };
}

/** Replaces secrets in a complete text. */
export type TextMask = (text: string) => string;

/** @param secrets see {@link createSecretMasker} */
export function createTextMask(secrets: readonly string[]): TextMask {
  const textsNow = growing(secrets, (known) => needlesOf(known).map((needle) => needle.toString('utf8')));
  return (text) => {
    if (!textsNow().some((needle) => text.includes(needle))) return text;
    const masker = createSecretMasker(secrets);
    return Buffer.concat([masker.push(Buffer.from(text)), masker.flush()]).toString('utf8');
  };
}

/** Computes a value of a list that may grow, such as by renewed credentials, once for each of its lengths. */
function growing<Value>(
  secrets: readonly string[],
  compute: (secrets: readonly string[]) => Value,
): () => Value {
  let count = secrets.length;
  let value = compute(secrets);
  return () => {
    if (secrets.length !== count) {
      count = secrets.length;
      value = compute(secrets);
    }
    return value;
  };
}

function needlesOf(secrets: readonly string[]): readonly Buffer[] {
  return [...new Set(secrets.flatMap(secretForms))].map((form) => Buffer.from(form));
}

interface ByteRange {
  readonly start: number;
  end: number;
}

/** Merges overlapping secrets into one range, so no part of a secret remains. */
function maskedRanges(bytes: Buffer, needles: readonly Buffer[], coveredBytes: number): ByteRange[] {
  const found: ByteRange[] = coveredBytes > 0 ? [{ start: 0, end: coveredBytes }] : [];
  for (const needle of needles) {
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
      found.push({ start: at, end: at + needle.length });
    }
  }
  found.sort((one, other) => one.start - other.start);
  const merged: ByteRange[] = [];
  for (const range of found) {
    const last = merged.at(-1);
    if (last !== undefined && range.start < last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

/** Length of the longest end of `bytes` that may be the start of a secret. */
function heldBackBytes(bytes: Buffer, needles: readonly Buffer[]): number {
  return Math.max(...needles.map((needle) => overlap(bytes, needle)));
}

function overlap(bytes: Buffer, needle: Buffer): number {
  const first = needle[0];
  if (first === undefined) return 0;
  const from = Math.max(0, bytes.length - needle.length + 1);
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (bytes.compare(needle, 0, bytes.length - at, at) === 0) return bytes.length - at;
  }
  return 0;
}
