import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { JobResult } from '../../../app/core/model/job.ts';
import type { TextMask } from '../output/secret-masker.ts';

export interface Outputs {
  readonly values: Readonly<Record<string, string>>;
  readonly warnings: JobResult['warnings'];
}

const limits = { fileBytes: 64 * 1024, count: 50, valueCharacters: 2_000 };
/** Outputs become environment variables of other runs. */
const outputName = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** Without these of the machine, the commands of other runs do not start. */
const machineNames: readonly string[] = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/** The runner creates the file, so a command removed or replaced it. */
const notAFile = {
  code: 'output_refused',
  message:
    'BERTH_OUTPUT is no longer a regular file, so the run has no outputs. Write to the file that exists: do not remove it, and do not put a link, a pipe or a directory in its place.',
};

/**
 * Reads the `key=value` lines that the commands wrote to the file `BERTH_OUTPUT`. Of several lines with one key, the last
 * counts. A line that cannot be an output is a warning.
 *
 * @throws an error of the file system
 */
export async function readOutputs(path: string, mask: TextMask): Promise<Outputs> {
  const start = await readStart(path);
  if (start === undefined) return { values: {}, warnings: [notAFile] };
  const values = new Map<string, string>();
  const refused: string[] = [];
  for (const [index, line] of start.text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const problem = problemOf(line, values);
    if (problem === undefined) values.set(keyOf(line), maskedValue(line, mask));
    else refused.push(`Line ${index + 1} of BERTH_OUTPUT is not an output: ${problem}.`);
  }
  const ignored = start.isWhole ? [] : ['BERTH_OUTPUT has more than 64 KiB; the rest is ignored.'];
  return {
    values: Object.fromEntries(values),
    warnings: [...ignored, ...refused].slice(0, 10).map((message) => ({ code: 'output_refused', message })),
  };
}

function maskedValue(line: string, mask: TextMask): string {
  return mask(line.slice(keyOf(line).length + 1)).slice(0, limits.valueCharacters);
}

/** Never quotes the line, which may contain a secret. */
function problemOf(line: string, values: ReadonlyMap<string, string>): string | undefined {
  const key = keyOf(line);
  if (!line.includes('=')) return 'it has no =';
  if (!outputName.test(key)) return 'a key has letters, digits, and _, at most 100';
  if (/^BERTH_/i.test(key)) return 'names that begin with BERTH_ are reserved';
  if (machineNames.includes(key)) return `${key} is a variable of the machine`;
  const value = line.slice(key.length + 1);
  if (value.length > limits.valueCharacters)
    return `a value has at most ${limits.valueCharacters} characters`;
  if (value.includes('\0')) return 'it contains a NUL character';
  if (!values.has(key) && values.size >= limits.count) return `a run has at most ${limits.count} outputs`;
  return undefined;
}

function keyOf(line: string): string {
  return line.split('=', 1)[0] ?? '';
}

/** @returns undefined if there is no regular file. A pipe or a link that a command put there is not followed. */
async function readStart(path: string): Promise<{ text: string; isWhole: boolean } | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return undefined;
      const buffer = Buffer.alloc(limits.fileBytes);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      const isWhole = stat.size <= buffer.length;
      // The last line may be cut in two.
      const end = isWhole ? bytesRead : buffer.lastIndexOf('\n') + 1;
      return { text: buffer.toString('utf8', 0, end), isWhole };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}
