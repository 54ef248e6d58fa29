import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestFailure } from '../../../app/core/model/test-results.ts';
import type { Artifact } from '../artifacts/find-artifacts.ts';
import type { Picture, ReportFailure } from './report-data.ts';

export interface EmbeddedPictures {
  readonly failures: readonly ReportFailure[];
  /** Pictures without a failed test. */
  readonly pictures: readonly Picture[];
}

export interface EmbedOptions {
  readonly checkout: string;
  readonly failures: readonly TestFailure[];
  readonly artifacts: readonly Artifact[];
  /** Limit for all pictures together. */
  readonly maxBytes: number;
}

const maxPictures = 40;
const maxPictureBytes = 3 * 1024 * 1024;

/** Assigns the pictures among the artifacts to the failed tests that they show, by their names. */
export async function embedPictures(options: EmbedOptions): Promise<EmbeddedPictures> {
  const ofFailure = new Map<TestFailure, Picture[]>();
  const rest: Picture[] = [];
  let leftBytes = options.maxBytes;
  const candidates = options.artifacts
    .filter(({ path, sizeBytes }) => /\.(png|jpe?g)$/i.test(path) && sizeBytes <= maxPictureBytes)
    .map(({ path, sizeBytes }) => ({ path, sizeBytes, failure: failureOf(path, options.failures) }))
    .sort((one, other) => Number(other.failure !== undefined) - Number(one.failure !== undefined));
  for (const { path, sizeBytes, failure } of candidates.slice(0, maxPictures)) {
    // In base64, three bytes become four characters.
    if (sizeBytes * 1.4 > leftBytes) continue;
    const picture = await readPicture(options.checkout, path);
    if (picture === undefined) continue;
    leftBytes -= picture.source.length;
    if (failure === undefined) rest.push(picture);
    else ofFailure.set(failure, [...(ofFailure.get(failure) ?? []), picture]);
  }
  return {
    failures: options.failures.map((failure) => ({ ...failure, pictures: ofFailure.get(failure) ?? [] })),
    pictures: rest,
  };
}

/** Finds the failed test that names the file, otherwise the one whose name has the most words in the path. */
function failureOf(path: string, failures: readonly TestFailure[]): TestFailure | undefined {
  const fileName = path.split('/').at(-1) ?? path;
  const naming = failures.find(({ message, details }) => `${message}\n${details ?? ''}`.includes(fileName));
  if (naming !== undefined) return naming;
  const inPath = new Set(wordsOf(path));
  let best: { readonly failure: TestFailure; readonly count: number } | undefined;
  for (const failure of failures) {
    const words = wordsOf(failure.name);
    const isWhole = words.length > 0 && words.every((word) => inPath.has(word));
    if (isWhole && words.length > (best?.count ?? 0)) best = { failure, count: words.length };
  }
  return best?.failure;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Checks the first bytes, not the name. A file that is not a picture is left out. */
async function readPicture(checkout: string, path: string): Promise<Picture | undefined> {
  const bytes = await readFile(join(checkout, path)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const isPng = bytes.subarray(0, 8).equals(Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a));
  const isJpeg = bytes.subarray(0, 3).equals(Buffer.of(0xff, 0xd8, 0xff));
  if (!isPng && !isJpeg) return undefined;
  return { path, source: `data:image/${isPng ? 'png' : 'jpeg'};base64,${bytes.toString('base64')}` };
}
