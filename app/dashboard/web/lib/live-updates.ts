/** Where the server sends events, they say when to poll. A hidden tab holds no connection. */
const listeners = new Set<() => void>();
let source: EventSource | undefined;
let isSupported = true;

/** Calls `listener` when something has changed on the server. @returns stops that. */
export function onServerChange(listener: () => void): () => void {
  listeners.add(listener);
  connect();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) disconnect();
  };
}

/** Tells whether changes are announced, so that polling may be slow. */
export function isLive(): boolean {
  return source?.readyState === EventSource.OPEN;
}

function connect(): void {
  if (source !== undefined || !isSupported || document.hidden || listeners.size === 0) return;
  const opened = new EventSource('/events');
  source = opened;
  opened.addEventListener('changed', () => {
    for (const listener of listeners) listener();
  });
  opened.addEventListener('error', () => {
    // The browser reconnects by itself, unless the server has no events.
    if (opened.readyState !== EventSource.CLOSED) return;
    if (source === opened) source = undefined;
    isSupported = false;
  });
}

function disconnect(): void {
  source?.close();
  source = undefined;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) disconnect();
  else connect();
});
