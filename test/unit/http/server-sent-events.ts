/** One event of a stream, or a comment. */
export interface SentEvent {
  readonly event?: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts.
  readonly data?: any;
  readonly comment?: string;
}

/** Reads a stream as a browser's EventSource does, event by event. */
export function eventsOf(response: Response) {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let text = '';

  async function next(): Promise<SentEvent | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return parsed(block);
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  }

  return {
    next,
    /** All events until the stream ends. */
    async rest(): Promise<SentEvent[]> {
      const events: SentEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) events.push(event);
      return events;
    },
    /** The client goes away. */
    close: () => reader.cancel(),
  };
}

function parsed(block: string): SentEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [colon === 0 ? 'comment' : line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const { data, ...rest } = fields;
  return data === undefined ? rest : { ...rest, data: JSON.parse(data) };
}
