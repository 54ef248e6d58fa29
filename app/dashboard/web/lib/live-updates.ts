import { followEvents } from './follow-events.ts';

/** Where the server sends events, they say when to poll. A hidden tab holds no connection. */
const listeners = new Set<() => void>();
let events: ReturnType<typeof followEvents> | undefined;
/** Whether this server has sent events: one of several processes has none. */
let isSupported: boolean | undefined;

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
  return events?.isOpen() === true;
}

function connect(): void {
  if (events !== undefined || isSupported === false || document.hidden || listeners.size === 0) return;
  const announce = (): void => {
    for (const listener of listeners) listener();
  };
  events = followEvents(
    () => '/events',
    {
      open() {
        // Something may have changed while there was no connection.
        if (isSupported === true) announce();
        isSupported = true;
      },
      changed: announce,
    },
    () => {
      isSupported ??= false;
      return isSupported;
    },
  );
}

function disconnect(): void {
  events?.close();
  events = undefined;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) disconnect();
  else connect();
});
