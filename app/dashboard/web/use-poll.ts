import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

export interface Polled<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  /** Asks again now. */
  readonly refresh: () => void;
}

/** Looks that found nothing new, after which the next comes later by as much again. */
const looksBeforeRest = 5;
/** And no pause grows longer than that. */
const longestRestMs = 6000;

/**
 * Asks again and again, as long as the page is looked at: less often where nothing changes, at once when somebody comes
 * back to it. A hidden tab costs the server nothing.
 *
 * @param key what is asked for: another one begins anew.
 * @param ask `again` where nobody has done anything since the last answer, so that one a second old will do. What
 *   answers with the same object says that nothing has changed.
 * @param everyMilliseconds undefined: asks once.
 */
export function usePoll<Value>(
  key: string,
  ask: (again: boolean) => Promise<Value>,
  everyMilliseconds: number | undefined,
): Polled<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError }>({ key });
  const [round, setRound] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;

  useEffect(() => {
    let live = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: Value | undefined;
    let unchanged = 0;
    let isAsking = false;
    const later = (): void => {
      if (!live || document.hidden || everyMilliseconds === undefined) return;
      const rested = (1 + Math.floor(unchanged / looksBeforeRest)) * everyMilliseconds;
      timer = setTimeout(() => void look(true), Math.max(everyMilliseconds, Math.min(rested, longestRestMs)));
    };
    const look = async (again: boolean): Promise<void> => {
      isAsking = true;
      try {
        const value = await asking.current(again);
        unchanged = value === last ? unchanged + 1 : 0;
        last = value;
        // The same again is nothing to draw, unless there was an error between.
        if (live) {
          setState((before) =>
            before.key === key && before.value === value && before.error === undefined
              ? before
              : { key, value },
          );
        }
      } catch (error) {
        const known =
          error instanceof ApiError ? error : new ApiError(0, { message: 'The server cannot be reached.' });
        if (live) setState((before) => ({ ...before, key, error: known }));
      }
      isAsking = false;
      later();
    };
    const shown = (): void => {
      clearTimeout(timer);
      unchanged = 0;
      if (!document.hidden && !isAsking) void look(true);
    };
    // A tab that is opened in the background asks once it is looked at.
    if (!document.hidden) void look(false);
    if (everyMilliseconds !== undefined || document.hidden)
      document.addEventListener('visibilitychange', shown);
    return () => {
      live = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [key, everyMilliseconds, round]);

  const refresh = useCallback(() => setRound((count) => count + 1), []);
  const current = state.key === key ? state : { key };
  return { value: current.value, error: current.error, refresh };
}

/** The time, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
