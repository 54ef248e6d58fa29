import { ApiError } from '../app/client/api-error.ts';
import { hintForPeople } from '../app/lib/hint-for-people.ts';

/** Explains an error to the reader of a workflow's log. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.location !== undefined) return `${error.message} Use that address as api-url.`;
  if (!error.isBerth) return `${error.message} Check api-url.`;
  const sentences = [error.message, hintForPeople(error.hint), ...error.details];
  return `Berth answered ${error.status}: ${sentences.filter((text) => text !== undefined).join(' ')}`;
}
