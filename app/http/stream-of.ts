import type { Logger } from '../ports/logger.ts';

/**
 * Streams a body piece by piece, each made when the previous one was read. A failure breaks the connection, so that a
 * client never takes a part for the whole, and is logged, because the status has already been sent.
 *
 * @param make receives a signal that fires when the reader disconnects.
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
          // The reader has left, and the stream is closed.
          if (reader.signal.aborted) return;
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          if (reader.signal.aborted) return;
          log.warn({ err: error }, 'a response was aborted');
          controller.error(error);
        }
      },
      async cancel() {
        // A waiting generator notices `return` only at its next `yield`; the signal reaches it earlier.
        reader.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
