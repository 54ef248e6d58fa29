import { isWaiting, later } from './later.ts';

const maxEntries = 1000;

/** Caches answers for a fixed time. A failed lookup is not cached. */
export function ttlCache<Value>(clock: { now(): Date }, keepSeconds: number) {
  const kept = new Map<string, { readonly value: Promise<Value>; readonly until: Date }>();
  return {
    get: (key: string, load: () => Promise<Value>): Promise<Value> => {
      const now = clock.now();
      const known = kept.get(key);
      if (known !== undefined && isWaiting(known.until, now, keepSeconds)) return known.value;
      const value = load();
      const entry = { value, until: later(now, keepSeconds) };
      kept.delete(key);
      kept.set(key, entry);
      const [oldest] = kept.keys();
      if (kept.size > maxEntries && oldest !== undefined) kept.delete(oldest);
      value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return value;
    },
    forget: (): void => kept.clear(),
  };
}
