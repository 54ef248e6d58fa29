interface Batch<Key, Item> {
  readonly keys: Map<string, Key>;
  readonly items: Promise<ReadonlyMap<string, Item>>;
}

/**
 * Combines the reads that are requested in one tick, and reads an item only once if it is requested twice.
 *
 * @param textOf returns the text of a key: two keys with the same text are the same.
 * @param readAll returns the items that exist, by the text of their keys.
 */
export function batchReads<Key, Item>(
  textOf: (key: Key) => string,
  readAll: (keys: readonly Key[]) => Promise<ReadonlyMap<string, Item>>,
): (key: Key) => Promise<Item | undefined> {
  let batch: Batch<Key, Item> | undefined;

  function begin(): Batch<Key, Item> {
    const keys = new Map<string, Key>();
    const read = async () => {
      // All requests of one tick are made before its next microtask.
      await undefined;
      batch = undefined;
      return readAll([...keys.values()]);
    };
    return { keys, items: read() };
  }

  return async (key) => {
    batch ??= begin();
    const text = textOf(key);
    batch.keys.set(text, key);
    return (await batch.items).get(text);
  };
}
