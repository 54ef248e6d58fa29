import { usageError } from './cli-error.ts';
import type { BerthApi } from './connect.ts';
import { visible } from './visible-text.ts';

/** Shorter prefixes match too many runs to be meant. */
const shortestPrefix = 4;
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
  const { workflows } = await api.runs({ text, limit: 100 });
  const ids = workflows.map(({ workflow_id }) => workflow_id);
  if (ids.includes(text)) return text;
  const matching = ids.filter((id) => id.toLowerCase().startsWith(text.toLowerCase()));
  const [only] = matching;
  if (matching.length > 1) {
    throw usageError(
      `${matching.length} runs have an ID that starts with ${visible(text)}.`,
      `Use more characters: ${matching.slice(0, 5).join(', ')}${matching.length > 5 ? ', …' : ''}`,
    );
  }
  return only ?? text;
}
