import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

export interface Polled<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  /** Asks again now. */
  readonly refresh: () => void;
}

/**
 * Asks again and again, as long as the page is looked at; a hidden tab costs the server nothing.
 *
 * @param key what is asked for: another one begins anew.
 * @param everyMilliseconds undefined: asks once.
 */
export function usePoll<Value>(
  key: string,
  ask: () => Promise<Value>,
  everyMilliseconds: number | undefined,
): Polled<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError }>({ key });
  const [round, setRound] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;

  useEffect(() => {
    let live = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      if (live && everyMilliseconds !== undefined) timer = setTimeout(look, everyMilliseconds);
    };
    const look = async (): Promise<void> => {
      if (document.hidden) return again();
      try {
        const value = await asking.current();
        if (live) setState({ key, value });
      } catch (error) {
        const known =
          error instanceof ApiError ? error : new ApiError(0, { message: 'The server cannot be reached.' });
        if (live) setState((before) => ({ ...before, key, error: known }));
      }
      again();
    };
    void look();
    return () => {
      live = false;
      clearTimeout(timer);
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
