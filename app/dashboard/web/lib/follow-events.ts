/** How long to wait after an answer that is no stream. */
const retryMs = 3000;

/**
 * Follows server-sent events, also past an answer that is no stream, such as the 502 of a proxy while the server
 * restarts: a browser reconnects by itself only if there is no answer.
 *
 * @param addressAfter the address of the events after the one with an ID; undefined: from the first one.
 * @param listeners by the name of the event.
 * @param isWanted asked before each new attempt. If omitted, there is always another one.
 * @returns the current connection, and `close`.
 */
export function followEvents(
  addressAfter: (lastId: string | undefined) => string,
  listeners: Readonly<Record<string, (event: MessageEvent<string>) => void>>,
  isWanted: () => boolean = () => true,
): { isOpen(): boolean; close(): void } {
  let source: EventSource;
  let lastId: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    const opened = new EventSource(addressAfter(lastId));
    source = opened;
    for (const [name, listener] of Object.entries(listeners)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        if (event.lastEventId !== '') lastId = event.lastEventId;
        listener(event);
      });
    }
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED && isWanted()) timer = setTimeout(open, retryMs);
    });
  };
  open();
  return {
    isOpen: () => source.readyState === EventSource.OPEN,
    close() {
      clearTimeout(timer);
      source.close();
    },
  };
}
