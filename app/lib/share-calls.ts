/**
 * Limits an expensive question to one call at a time. Everyone who asks while a call runs shares the next one, so each
 * answer is from after the question.
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
