import { promisify } from 'node:util';

/** Where a schedule departs from running each worker until it finishes, one after the other. */
export interface Schedule {
  /** At this step, this worker goes first in place of the current one. */
  readonly preemptions: ReadonlyMap<number, number>;
  /** At this step the current worker dies. */
  readonly crashAt?: number;
}

/** A step of a played schedule: which workers could have continued there, and which one did. */
export interface Step {
  readonly current: number;
  readonly ready: readonly number[];
}

interface Gate {
  open(): void;
  kill(): void;
}

class Crash extends Error {}

/** Everything that was about to continue has done so by then. */
const nextTurn = promisify(setImmediate);

/**
 * Plays workers by a schedule: one continues at a time, from one call to the next, and the same schedule gives the same
 * history.
 *
 * @param workers each is given a hook to await before each of its calls.
 */
export async function play(
  workers: readonly ((before: () => Promise<void>) => Promise<unknown>)[],
  { preemptions, crashAt }: Schedule,
): Promise<readonly Step[]> {
  // A worker may make several calls at the same time.
  const gates = new Map<number, Gate[]>();
  const unfinished = new Set(workers.keys());
  const failures: unknown[] = [];
  let arrived: () => void = () => {};
  for (const [index, worker] of workers.entries()) {
    const before = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const gate = { open: resolve, kill: () => reject(new Crash()) };
        gates.set(index, [...(gates.get(index) ?? []), gate]);
        arrived();
      });
    const run = async (): Promise<void> => {
      try {
        await before();
        await worker(before);
      } catch (error) {
        if (!(error instanceof Crash)) failures.push(error);
      }
      unfinished.delete(index);
      gates.delete(index);
      arrived();
    };
    void run();
  }
  const steps: Step[] = [];
  let current = 0;
  while (unfinished.size > 0 && failures.length === 0) {
    const ready = [...gates.keys()].sort((a, b) => a - b);
    const wanted = preemptions.get(steps.length) ?? current;
    current = gates.has(wanted) ? wanted : (ready[0] ?? 0);
    const [gate, ...others] = gates.get(current) ?? [];
    if (others.length > 0) gates.set(current, others);
    else gates.delete(current);
    if (steps.length === crashAt) {
      for (const one of [gate, ...others]) one?.kill();
      gates.delete(current);
    } else gate?.open();
    steps.push({ current, ready });
    await untilNext(current);
  }
  async function untilNext(index: number): Promise<void> {
    await nextTurn();
    while (unfinished.has(index) && !gates.has(index) && failures.length === 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  }
  if (failures.length > 0) throw failures[0];
  return steps;
}

/**
 * Every schedule with at most so many preemptions, each with no crash or with one at any step. Most bugs of concurrent
 * programs need two preemptions at most (Musuvathi and Qadeer, "Iterative Context Bounding", PLDI 2007).
 *
 * @param run plays a schedule. @returns its steps.
 */
export async function explore(
  bound: { readonly preemptions: number; readonly crashes: 0 | 1 },
  run: (schedule: Schedule) => Promise<readonly Step[]>,
): Promise<number> {
  let played = 0;
  const visit = async (preemptions: ReadonlyMap<number, number>, from: number): Promise<void> => {
    const steps = await run({ preemptions });
    played += 1;
    if (bound.crashes === 1) {
      for (let crashAt = from; crashAt < steps.length; crashAt += 1) {
        await run({ preemptions, crashAt });
        played += 1;
      }
    }
    if (preemptions.size === bound.preemptions) return;
    for (let step = from; step < steps.length; step += 1) {
      const { current, ready } = steps[step] ?? { current: 0, ready: [] };
      for (const other of ready) {
        if (other !== current) await visit(new Map([...preemptions, [step, other]]), step + 1);
      }
    }
  };
  await visit(new Map(), 0);
  return played;
}
