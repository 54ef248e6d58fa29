/** Parses a direct invocation, or says what is invalid: texts as in CONTRACTS, "Event-driven runs". */
export type EventDrivenRequest = { readonly runId: string } | { readonly error: string };

const prefix = 'runId-';
const longest = 128;

/**
 * Reads `{"body": {"runId": "test123"}}`, with a body that is an object or its JSON.
 *
 * @returns the ID with `runId-` before it.
 */
export function parseEventDrivenRequest(event: unknown): EventDrivenRequest {
  const body = fieldOf(event, 'body');
  if (body === undefined || body === null) return { error: "Missing 'body' in event payload" };
  const document = typeof body === 'string' ? parseJson(body) : { value: body };
  if ('error' in document) return { error: `Invalid JSON in body: ${document.error}` };
  const runId = fieldOf(document.value, 'runId');
  if (runId === undefined || runId === null || runId === '') return { error: "Missing 'runId' in body" };
  if (typeof runId !== 'string') return { error: "'runId' must be a string" };
  if (!/^[A-Za-z0-9_-]+$/.test(runId)) return { error: "'runId' contains invalid characters" };
  if (runId.length > longest) return { error: `'runId' exceeds maximum length of ${longest} characters` };
  return { runId: runId.startsWith(prefix) ? runId : `${prefix}${runId}` };
}

function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
