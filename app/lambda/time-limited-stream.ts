/**
 * A function answers in one piece, so a stream of events is cut off after a while, between two events. Its client
 * reconnects with the ID of the last event, and continues from there.
 */
export function timeLimitedStream(response: Response, longestMs: number): Response {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || response.body === null) return response;
  const reader = response.body.getReader();
  let timer: NodeJS.Timeout | undefined;
  let timeIsUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), longestMs);
  });
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await Promise.race([reader.read(), timeIsUp]);
      if (next !== undefined && !next.done) return controller.enqueue(next.value);
      clearTimeout(timer);
      timeIsUp = Promise.resolve(undefined);
      controller.close();
      // Signals the producer that no one reads the stream now.
      reader.cancel().catch(() => {});
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}
