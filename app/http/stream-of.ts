import type { Logger } from '../ports/logger.ts';

/**
 * A body that is made piece by piece, each when the one before it was taken. A failure breaks the connection off, so
 * that nobody takes a part for the whole, and is logged: the status was sent long before.
 *
 * @param make is given what says that the reader has gone.
 */
export function streamOf(
  make: (signal: AbortSignal) => AsyncGenerator<Uint8Array>,
  log: Logger,
): ReadableStream<Uint8Array> {
  const reader = new AbortController();
  const pieces = make(reader.signal);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          log.warn({ err: error }, 'an answer broke off');
          controller.error(error);
        }
      },
      async cancel() {
        // A generator that is waiting hears of `return` at its next `yield` alone, and of the signal before.
        reader.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
