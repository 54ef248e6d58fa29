/** Thrown if there is no room within the time limit. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/**
 * Limits how much is in memory at the same time. Requests that do not fit wait in order, for a limited time.
 *
 * @param options.size in any unit, such as bytes.
 */
export function limitedRoom(options: {
  readonly size: number;
  readonly waitMs: number;
  readonly mostWaiting: number;
}) {
  let free = options.size;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];

  function leave(size: number): void {
    free += size;
    for (let next = waiting[0]; next !== undefined && next.size <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.size;
      next.enter();
    }
  }

  async function enter(size: number): Promise<void> {
    if (waiting.length === 0 && size <= free) {
      free -= size;
      return;
    }
    if (waiting.length >= options.mostWaiting) throw new NoRoomError();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(new NoRoomError());
      }, options.waitMs);
      const entry = {
        size,
        enter() {
          clearTimeout(timer);
          resolve();
        },
      };
      waiting.push(entry);
    });
  }

  return async <Result>(size: number, work: () => Promise<Result>): Promise<Result> => {
    const taken = Math.min(size, options.size);
    await enter(taken);
    try {
      return await work();
    } finally {
      leave(taken);
    }
  };
}
