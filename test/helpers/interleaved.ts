import type fc from 'fast-check';

/** A process that dies. */
class Crash extends Error {}

/**
 * Plays every action as a separate task. Before each of its calls to a store, any other may run, and it may crash:
 * at the call that its `crashAt` names.
 *
 * @param play performs one action. It must await `before` before each call, like {@link hooked}.
 */
export async function interleaved<Action extends object>(
  scheduler: fc.Scheduler,
  actions: readonly Action[],
  play: (one: Action, before: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const tasks = actions.map(async (one, index) => {
    let calls = 0;
    const before = async (): Promise<void> => {
      await scheduler.schedule(Promise.resolve(), `action ${index}`);
      calls += 1;
      if ('crashAt' in one && one.crashAt === calls) throw new Crash();
    };
    await scheduler.schedule(Promise.resolve(), `begin ${index}`);
    try {
      await play(one, before);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  });
  await scheduler.waitFor(Promise.all(tasks));
}
