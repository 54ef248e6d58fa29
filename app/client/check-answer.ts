import { retryAfterMs } from '../lib/retry-after.ts';
import { ApiError } from './api-error.ts';

/**
 * Checks that an answer is a success and comes from a Berth server.
 *
 * @param options.server the address that messages name.
 * @param options.expects `file` for anything but a JSON object.
 * @throws ApiError for an error, a redirect, or an answer that is not JSON.
 */
export async function checkAnswer(
  response: Response,
  {
    server,
    expects,
    now,
  }: { readonly server: string; readonly expects: 'json' | 'file'; readonly now: number },
): Promise<Response> {
  const { status, headers } = response;
  if (response.ok && expects === 'file') return response;
  const parsed = parseObject(await response.clone().text());
  if (response.ok && parsed !== undefined) return response;
  const location = headers.get('location') ?? undefined;
  const waitMs = retryAfterMs(headers.get('retry-after'), now);
  const message = textOf(parsed?.message) ?? textOf(parsed?.error);
  throw new ApiError(message ?? unexpectedAnswer(server, status, location), {
    status,
    code: textOf(parsed?.code),
    hint: textOf(parsed?.hint),
    details: detailsOf(parsed?.details),
    isBerth: message !== undefined,
    location,
    retryAfterMs: waitMs === undefined ? undefined : Math.min(waitMs, longestRetryAfterMs),
  });
}

function unexpectedAnswer(server: string, status: number, location: string | undefined): string {
  return location === undefined || status < 300 || status >= 400
    ? `${server} answered with status ${status}, but not as Berth does.`
    : `${server} redirects to ${location}.`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Something other than Berth answered; the caller reports it.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A sentence, or a list of sentences and of places in the body with their mistake. */
function detailsOf(details: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(details) ? details : [details];
  return list.flatMap((detail) => {
    if (typeof detail === 'string') return [detail];
    if (typeof detail !== 'object' || detail === null || !('message' in detail)) return [];
    const path = 'path' in detail ? textOf(detail.path) : undefined;
    return [path === undefined ? String(detail.message) : `${path}: ${detail.message}`];
  });
}

/** A server or proxy may not make a client wait longer than this. */
const longestRetryAfterMs = 300_000;
