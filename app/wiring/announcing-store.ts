import type { Store } from '../ports/store.ts';

/** Announces every write of runs and stacks, for pages that show them live. */
export function announcingStore(store: Store, announce: () => void): Store {
  return {
    ...store,
    runs: announcing(store.runs, ['create', 'save', 'noteStarted'], announce),
    stacks: announcing(store.stacks, ['save', 'delete'], announce),
    queue: announcing(store.queue, ['join', 'leave'], announce),
  };
}

function announcing<Part extends object>(
  part: Part,
  writes: readonly (keyof Part)[],
  announce: () => void,
): Part {
  const wrapped = { ...part };
  for (const name of writes) {
    const write = part[name];
    if (typeof write !== 'function') continue;
    const announced = async (...parameters: readonly unknown[]): Promise<unknown> => {
      const result: unknown = await write.apply(part, parameters);
      announce();
      return result;
    };
    // It has the parameters and the result of `write`.
    wrapped[name] = announced as Part[keyof Part];
  }
  return wrapped;
}
