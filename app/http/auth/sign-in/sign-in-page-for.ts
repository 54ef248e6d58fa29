import { BerthError } from '../../../core/model/errors.ts';
import { returnPath } from './return-path.ts';

/**
 * Returns the sign-in page for a person who is not signed in and followed a link to something other than the dashboard:
 * check runs on GitHub link to reports. Only browsers send the headers of a navigation; programs get the usual answer.
 *
 * @returns undefined if an error is not of this kind.
 */
export function signInPageFor(request: Request, error: unknown): string | undefined {
  const isUnknown = error instanceof BerthError && error.code === 'unauthorized';
  if (!isUnknown || !navigates(request) || request.headers.has('x-api-key')) return undefined;
  const { pathname, search } = new URL(request.url);
  return `/?return_to=${encodeURIComponent(returnPath(`${pathname}${search}`))}`;
}

/** Whether a person is navigating to a page. */
export function navigates(request: Request): boolean {
  return request.method === 'GET' && request.headers.get('sec-fetch-mode') === 'navigate';
}
