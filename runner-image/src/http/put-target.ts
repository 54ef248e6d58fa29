import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { UploadTarget } from '../../../app/core/model/job.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { attemptsOverRestart, httpRequest, type RequestBody } from './http-request.ts';

export interface PutOptions {
  readonly contentType: string;
  readonly signal?: AbortSignal;
  readonly attempts?: number;
}

/** The content is larger than the limit of the target. Nothing was sent. */
class OverLimit extends Error {
  override readonly name = 'OverLimit';

  constructor(sizeBytes: number, maxBytes: number) {
    super(`it has ${sizeBytes} bytes, and the limit is ${maxBytes}.`);
  }
}

/**
 * Uploads content to a target of the job: by one HTTP PUT, or as a file that appears complete or not at all.
 *
 * @throws OverLimit, HttpFailure, or an error of the file system
 */
export async function putTarget(target: UploadTarget, body: RequestBody, options: PutOptions): Promise<void> {
  if (body.sizeBytes > target.maxBytes) throw new OverLimit(body.sizeBytes, target.maxBytes);
  if (target.url.startsWith('file:')) return writeWhole(fileURLToPath(target.url), body);
  await httpRequest(
    {
      method: 'PUT',
      url: target.url,
      headers: { 'content-type': options.contentType, ...lowerCaseNames(target.headers) },
      body,
      ...omitUndefined({ signal: options.signal }),
      attempts: options.attempts ?? attemptsOverRestart,
    },
    async (response) => {
      response.resume();
    },
  );
}

/** @returns the body for content in memory */
export function bytesBody(content: Buffer | string): RequestBody {
  const bytes = Buffer.from(content);
  return { sizeBytes: bytes.length, open: () => bytes };
}

async function writeWhole(path: string, body: RequestBody): Promise<void> {
  const partial = `${path}.partial`;
  await mkdir(dirname(path), { recursive: true });
  const content = body.open();
  if (Buffer.isBuffer(content)) await writeFile(partial, content);
  else await pipeline(content, createWriteStream(partial));
  await rename(partial, path);
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
