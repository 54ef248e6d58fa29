import { omitUndefined } from '../lib/omit-undefined.ts';
import { usageError } from './cli-error.ts';
import type { BerthApi } from './connect.ts';
import { visible } from './visible-text.ts';

/** Shorter prefixes match too many runs to be meant. */
const shortestPrefix = 4;
/** The server reads some 5,000 runs for a page. */
const mostPages = 10;
/** IDs that a message names. */
const mostNamed = 5;
/** The IDs that Berth makes are ULIDs (https://github.com/ulid/spec); others come from the request that started the run. */
const searchable = /^[\w.-]{1,100}$/;

/**
 * Finds the run for a full or shortened ID.
 *
 * @param text an ID or `latest`, in any case, or the first characters of an ID.
 * @returns the ID. A text that looks complete is returned without a request; the server says if there is no such run.
 * @throws CliError `usage` if there is no run yet, or if several IDs start with the text.
 */
export async function resolveRunId(api: BerthApi, text: string): Promise<string> {
  if (text.toLowerCase() === 'latest') {
    const [latest] = (await api.runs({ limit: 1 })).workflows;
    if (latest === undefined)
      throw usageError('This project has no runs yet.', 'Start one with `berth run`.');
    return latest.workflow_id;
  }
  if (/^[0-9a-z]{26}$/i.test(text)) return text.toUpperCase();
  if (text.length < shortestPrefix || !searchable.test(text)) return text;
  const matching: string[] = [];
  let cursor: string | undefined;
  // A search finds the text anywhere: the run may be behind hundreds whose IDs or messages contain it.
  for (let page = 0; page < mostPages && matching.length <= mostNamed; page += 1) {
    const answer = await api.runs(omitUndefined({ text, limit: 100, cursor }));
    const ids = answer.workflows.map(({ workflow_id }) => workflow_id);
    if (ids.includes(text)) return text;
    matching.push(...ids.filter((id) => id.toLowerCase().startsWith(text.toLowerCase())));
    cursor = answer.cursor ?? undefined;
    if (cursor === undefined) break;
  }
  const [only] = matching;
  if (matching.length > 1) {
    const named = matching.slice(0, mostNamed).join(', ');
    const [count, more] =
      matching.length > mostNamed ? [`More than ${mostNamed}`, ', …'] : [matching.length, ''];
    throw usageError(
      `${count} runs have an ID that starts with ${visible(text)}.`,
      `Use more characters: ${named}${more}`,
    );
  }
  return only ?? text;
}
