/**
 * Limits an expensive call to one at a time. All callers that arrive while a call runs share the next one, so each
 * answer is newer than its request.
 */
export function shareCalls<Answer>(call: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Answer> | undefined;

  async function callAfter(previous: Promise<unknown>): Promise<Answer> {
    await previous.catch(() => undefined);
    const started = call();
    running = started;
    next = undefined;
    return started;
  }

  return () => {
    next ??= callAfter(running);
    return next;
  };
}
