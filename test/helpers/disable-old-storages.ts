import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Disables the storages that earlier test files of this worker have used. jest-circus 30 creates one for each test file
 * and never disables it, and below Node 24 each enabled storage makes every later promise slower.
 */
const key = Symbol.for('berth.usedStorages');
type Patched = typeof AsyncLocalStorage & { [key]?: Set<AsyncLocalStorage<unknown>> };

const storages: Patched = AsyncLocalStorage;
if (storages[key] === undefined) {
  const used = new Set<AsyncLocalStorage<unknown>>();
  const { run } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.run = function (
    this: AsyncLocalStorage<unknown>,
    ...args: Parameters<typeof run>
  ) {
    used.add(this);
    return run.apply(this, args);
  } as typeof run;
  storages[key] = used;
}
for (const storage of storages[key] ?? []) storage.disable();
storages[key]?.clear();
