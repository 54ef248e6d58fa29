import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from './api.ts';
import { isLive, onServerChange } from './live-updates.ts';

export interface Polled<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  /** Fetches again now. */
  readonly refresh: () => void;
}

/** After this many unchanged answers the interval grows by one step. */
const answersPerStep = 5;
const maxIntervalMs = 6000;
/** While the server announces changes; a lost announcement costs no more than this. */
const liveIntervalMs = 15_000;

/**
 * Polls while the tab is visible: slower while nothing changes, and immediately when the tab becomes visible again or the
 * server announces a change.
 *
 * @param key identifies what is fetched; a new key starts over.
 * @param fetchValue `again` is true if the user did nothing since the last answer, so a shared answer will do.
 *   Returning the same object means that nothing changed.
 * @param intervalMs if undefined, fetches once.
 */
export function usePoll<Value>(
  key: string,
  fetchValue: (again: boolean) => Promise<Value>,
  intervalMs: number | undefined,
): Polled<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError }>({ key });
  const [round, setRound] = useState(0);
  const latestFetch = useRef(fetchValue);
  latestFetch.current = fetchValue;

  useEffect(() => {
    let live = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: Value | undefined;
    let unchanged = 0;
    let isFetching = false;
    /** Something changed during a fetch, which may not have seen it. */
    let isStale = false;
    const schedule = (): void => {
      if (!live || document.hidden || intervalMs === undefined) return;
      const slowed = (1 + Math.floor(unchanged / answersPerStep)) * intervalMs;
      const polled = Math.max(intervalMs, Math.min(slowed, maxIntervalMs));
      timer = setTimeout(() => void load(true), isLive() ? Math.max(polled, liveIntervalMs) : polled);
    };
    const load = async (again: boolean): Promise<void> => {
      isFetching = true;
      try {
        const value = await latestFetch.current(again);
        unchanged = value === last ? unchanged + 1 : 0;
        last = value;
        // The same object needs no render, unless an error was shown in between.
        if (live) {
          setState((before) =>
            before.key === key && before.value === value && before.error === undefined
              ? before
              : { key, value },
          );
        }
      } catch (error) {
        if (live) setState((before) => ({ ...before, key, error: asApiError(error) }));
      }
      isFetching = false;
      if (isStale && live) {
        isStale = false;
        void load(true);
      } else schedule();
    };
    const loadIfVisible = (): void => {
      clearTimeout(timer);
      unchanged = 0;
      if (isFetching) isStale = true;
      else if (!document.hidden) void load(true);
    };
    // A tab that is opened in the background fetches once it becomes visible.
    if (!document.hidden) void load(false);
    if (intervalMs !== undefined || document.hidden)
      document.addEventListener('visibilitychange', loadIfVisible);
    const isSlow = intervalMs !== undefined && intervalMs > liveIntervalMs;
    const unsubscribe = intervalMs === undefined || isSlow ? undefined : onServerChange(loadIfVisible);
    return () => {
      live = false;
      unsubscribe?.();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', loadIfVisible);
    };
  }, [key, intervalMs, round]);

  const refresh = useCallback(() => setRound((count) => count + 1), []);
  const current = state.key === key ? state : { key };
  return { value: current.value, error: current.error, refresh };
}
