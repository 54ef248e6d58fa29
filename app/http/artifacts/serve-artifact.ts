import type { Context } from 'hono';
import { html } from 'hono/html';
import { getMimeType } from 'hono/utils/mime';
import type { ErrorCode } from '../../core/model/errors.ts';
import { runId } from '../../core/model/ids.ts';
import type { Run } from '../../core/model/run.ts';
import { runObjectKey } from '../../core/model/run-keys.ts';
import { errorStatus } from '../error-status.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { HttpEnv } from '../http-env.ts';
import { type ArchiveEntry, readArchiveEntry } from '../read-archive-entry.ts';
import type { ArtifactTokens, ArtifactViewer } from './artifact-tokens.ts';
import { cutToRange, parseByteRange } from './byte-range.ts';

type ServeDeps = Pick<HttpDeps, 'store' | 'objects' | 'publicUrl' | 'limits'>;

/**
 * Reports may run scripts, workers and frames here, but load nothing from elsewhere: a report cannot send what it shows
 * to another server.
 */
const contentSecurityPolicy = [
  "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
  "frame-ancestors 'self'",
  "base-uri 'self'",
  "form-action 'none'",
].join('; ');

const shownAsText =
  /\.(?:log|md|ya?ml|toml|ini|conf|cfg|env|diff|patch|ts|tsx|jsx|py|rb|go|rs|java|kt|sh|sql|lock|out|err)$/i;

/** Makes the path of an artifact at the artifact origin. */
export function artifactPath(tokens: ArtifactTokens, run: Run, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `/${tokens.seal(run.id)}/${encodeURIComponent(run.id)}/${encoded}`;
}

/** Answers a request to the artifact origin: `/TOKEN/RUN/PATH`. Cookies and keys have no effect here. */
export async function serveArtifact(
  c: Context<HttpEnv>,
  deps: ServeDeps,
  { tokens }: ArtifactViewer,
): Promise<Response> {
  const { pathname } = new URL(c.req.url);
  const [, token = '', id = '', ...names] = pathname.split('/').map(decoded);
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    c.header('Allow', 'GET, HEAD');
    return refusal(c, 'method_not_allowed', 'Files of a run can only be read.');
  }
  // Browsers request it by themselves, so it is not an expired link.
  if (pathname === '/favicon.ico') return noFile(c);
  if (!tokens.isValid(token, id)) return expired(c, deps, id);
  const run = await deps.store.runs.get(runId(id));
  const archive =
    run === undefined ? undefined : await deps.objects.get(runObjectKey(run.id, 'artifacts.tar.gz'));
  if (archive === undefined) return noFile(c);
  const path = names.join('/').replace(/(^|\/)$/, '$1index.html');
  const entry = await readArchiveEntry(archive.body, path);
  if (entry === undefined) return noFile(c);
  return answerEntry(c, deps, { ...entry, path });
}

/** An error with its code, as text: reports and people read it, and it must not look like a file of the run. */
function refusal(c: Context<HttpEnv>, code: ErrorCode, message: string): Response {
  return c.text(`${message} (${code})\n`, errorStatus[code]);
}

function noFile(c: Context<HttpEnv>): Response {
  return refusal(c, 'object_not_found', 'The run has no such file, or it was deleted.');
}

function answerEntry(
  c: Context<HttpEnv>,
  { limits }: ServeDeps,
  entry: ArchiveEntry & { readonly path: string },
): Response {
  const { path, sizeBytes, body } = entry;
  const whole = { first: 0, last: sizeBytes - 1 };
  const asked = parseByteRange(c.req.header('range'), sizeBytes);
  const range = asked === 'unsatisfiable' ? undefined : (asked ?? whole);
  const length = range === undefined ? 0 : range.last + 1 - range.first;
  const headers = { ...artifactHeaders(path), 'Accept-Ranges': 'bytes', 'Content-Length': String(length) };
  const withoutBody = (answer: Response): Response => {
    void body.cancel();
    return answer;
  };
  if (range === undefined)
    return withoutBody(c.body(null, 416, { ...headers, 'Content-Range': `bytes */${sizeBytes}` }));
  if (length > (limits.wholeAnswers?.maxBytes ?? Number.POSITIVE_INFINITY)) {
    const message = 'The file is too large to open here. Download the archive of the run instead.';
    return withoutBody(refusal(c, 'file_too_large', message));
  }
  if (c.req.method === 'HEAD') return withoutBody(c.body(null, 200, headers));
  if (asked === undefined) return c.body(body, 200, headers);
  return c.body(body.pipeThrough(cutToRange(range)), 206, {
    ...headers,
    'Content-Range': `bytes ${range.first}-${range.last}/${sizeBytes}`,
  });
}

function artifactHeaders(path: string): Record<string, string> {
  const type = shownAsText.test(path) ? 'text/plain; charset=utf-8' : getMimeType(path);
  return {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Security-Policy': contentSecurityPolicy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    // The files of a finished run do not change.
    'Cache-Control': 'private, max-age=3600',
  };
}

function expired(c: Context<HttpEnv>, { publicUrl }: ServeDeps, id: string): Response | Promise<Response> {
  const page = `${publicUrl}/runs/${encodeURIComponent(id)}`;
  return c.html(
    html`<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Link expired</title></head><body><main><h1>Link expired</h1><p>Open the file again from <a href="${page}">the page of its run</a>. (<code>signature_invalid</code>)</p></main></body></html>`,
    403,
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
