import type { Clock } from '../../ports/clock.ts';

/** Answers that are kept for a while; one that failed is not kept. */
export interface Memory<Value> {
  get(key: string, find: () => Promise<Value>): Promise<Value>;
  forget(): void;
}

export function createMemory<Value>(clock: Clock, keepSeconds: number): Memory<Value> {
  const kept = new Map<string, { readonly value: Promise<Value>; readonly until: number }>();
  return {
    get: (key, find) => {
      const now = clock.now().getTime();
      const known = kept.get(key);
      if (known !== undefined && now < known.until) return known.value;
      const value = find();
      const entry = { value, until: now + keepSeconds * 1000 };
      kept.set(key, entry);
      value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return value;
    },
    forget: () => kept.clear(),
  };
}
