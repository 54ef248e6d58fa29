import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Holder, holder } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { isAvailable, type Stack } from '../../../../app/core/model/stack.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import { cases } from '../../../helpers/cases.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { type World, world } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

/**
 * Clients ask for stacks, come back, give them back, let leases expire and die at any call to the store, in every
 * order that fast-check thinks of. The assertions are about the answers that a client received, not about the store.
 */

type Action =
  | {
      kind: 'request';
      client: number;
      branch: number;
      wait: boolean;
      crashAt: number | undefined;
    }
  | { kind: 'release'; client: number; crashAt: number | undefined }
  | { kind: 'pass time'; seconds: number }
  | { kind: 'sweep'; crashAt: number | undefined };

/** Every other client holds with a lease. */
const leaseSeconds = 60;
const crashAt = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 3 });
const client = fc.integer({ min: 0, max: 5 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      client,
      branch: fc.integer({ min: 0, max: 2 }),
      wait: fc.boolean(),
      crashAt,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), client, crashAt }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass time' as const), seconds: fc.constantFrom(10, 61, 200) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), crashAt }) },
);

interface Grant {
  readonly holder: Holder;
  readonly token: number;
  /** The client believes to have the stack until this moment. */
  readonly until: number;
}

/** The answers that clients received, and what they may conclude from them. */
class Witness {
  readonly #grants = new Map<string, Grant>();
  readonly #tokens = new Map<string, number>();
  readonly #releases = new Map<Holder, number>();
  readonly #releasing = new Map<Holder, number>();

  granted(stack: Stack, now: Date): void {
    const before = this.#grants.get(stack.stackName);
    const known = this.#tokens.get(stack.stackName) ?? 0;
    const mine = stack.hold?.holder;
    if (mine === undefined) throw new Error(`${stack.stackName} was granted without a hold`);
    if (before !== undefined && before.holder !== mine && before.until > now.getTime()) {
      throw new Error(`${stack.stackName} was granted to ${mine} while ${before.holder} has it`);
    }
    if (stack.token < known) throw new Error(`${stack.stackName}: token ${stack.token} after ${known}`);
    if (stack.token === known && before !== undefined && before.holder !== mine) {
      throw new Error(`${stack.stackName}: ${mine} and ${before.holder} share token ${known}`);
    }
    for (const [name, grant] of this.#grants) {
      if (grant.holder === mine && name !== stack.stackName && grant.until > now.getTime()) {
        throw new Error(`${mine} was granted ${stack.stackName} beside ${name}`);
      }
    }
    const until = stack.hold?.leaseUntil?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#grants.set(stack.stackName, { holder: mine, token: stack.token, until });
    this.#tokens.set(stack.stackName, stack.token);
  }

  /**
   * Notes that a client begins to release: it no longer counts on the stack, nor on one that it asked for at
   * the same time.
   */
  beginsRelease(of: Holder): void {
    this.#releases.set(of, (this.#releases.get(of) ?? 0) + 1);
    this.#releasing.set(of, (this.#releasing.get(of) ?? 0) + 1);
    for (const [name, grant] of this.#grants) if (grant.holder === of) this.#grants.delete(name);
  }

  released(of: Holder): void {
    this.#releasing.set(of, (this.#releasing.get(of) ?? 0) - 1);
  }

  /** Begins a request. @returns whether, after the answer, the client may count on its stack. */
  requests(of: Holder): () => boolean {
    const releases = this.#releases.get(of);
    const undisturbed = (this.#releasing.get(of) ?? 0) === 0;
    return () => undisturbed && this.#releases.get(of) === releases;
  }
}

async function carryOut(w: World, project: Project, witness: Witness, one: Action): Promise<void> {
  if (one.kind === 'pass time') return w.clock.advance(one.seconds);
  if (one.kind === 'sweep') return void (await sweep(w.deps));
  const me = holder.client(`c${one.client}`);
  if (one.kind === 'release') {
    witness.beginsRelease(me);
    try {
      await releaseHolder(w.deps, project, me);
    } finally {
      witness.released(me);
    }
    return;
  }
  const mayCount = witness.requests(me);
  const answer = await requestStack(w.deps, {
    project,
    holder: me,
    branch: `b${one.branch}`,
    wait: one.wait,
    ...(one.client % 2 === 0 ? { leaseSeconds } : {}),
  });
  if (answer.kind === 'held' && mayCount()) witness.granted(answer.stack, w.clock.now());
}

/** Runs every action as a separate task; each call to the store is a point at which any other may go first. */
async function interleave(scheduler: fc.Scheduler, actions: readonly Action[], maxStacks: number) {
  const backing = memoryStore();
  const calm = world({ store: backing });
  const project = await calm.project({ maxStacks });
  const witness = new Witness();
  await interleaved(scheduler, actions, (one, before) => {
    const store = {
      ...backing,
      stacks: hooked(backing.stacks, before),
      holders: hooked(backing.holders, before),
      queue: hooked(backing.queue, before),
    };
    return carryOut({ ...calm, deps: { ...calm.deps, store } }, project, witness, one);
  });
  return { w: calm, project };
}

describe('stacks, after any interleaving', () => {
  it('never have two holders, tokens that decrease, or holders with two stacks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 2, maxLength: 14 }),
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, actions, maxStacks) => {
          await interleave(scheduler, actions, maxStacks);
        },
      ),
      { numRuns: cases(120) },
    );
  });

  it('serve every waiting request when only time and sweeps continue', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 2, maxLength: 14 }),
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, actions, maxStacks) => {
          const { w, project } = await interleave(scheduler, actions, maxStacks);
          const { stacks, queue } = w.deps.store;
          const waiting = await queue.list(project.id, 100);
          await keepAsking(
            w,
            project,
            waiting.map((ticket) => ticket.holder),
          );
          const line = await queue.list(project.id, 100);
          const pool = await stacks.list(project.id);
          const free = pool.filter(isAvailable).length + (maxStacks - pool.length);
          expect({ waiting: line.length, free: line.length === 0 ? 0 : free }).toEqual({
            waiting: line.length,
            free: 0,
          });
        },
      ),
      { numRuns: cases(40) },
    );
  });

  it('go to waiting requests in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 2, max: 8 }),
        async (maxStacks, waiters) => {
          const w = world();
          const project = await w.project({ maxStacks });
          const ask = (name: string) =>
            requestStack(w.deps, { project, holder: holder.client(name), branch: name, wait: true });
          const first = Array.from({ length: maxStacks }, (_, index) => `first${index}`);
          const rest = Array.from({ length: waiters }, (_, index) => `wait${index}`);
          for (const name of [...first, ...rest]) await ask(name);
          const served: string[] = [];
          for (const name of [...first, ...rest]) {
            await releaseHolder(w.deps, project, holder.client(name));
            for (const other of rest) {
              const answer = served.includes(other) ? undefined : await ask(other);
              if (answer?.kind === 'held') served.push(other);
            }
          }
          expect(served).toEqual(rest);
        },
      ),
      { numRuns: cases(10) },
    );
  });
});

/** Clients that wait continue asking, as `berth` and the action do, while the server sweeps. */
async function keepAsking(w: World, project: Project, holders: readonly Holder[]): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const client of holders)
      await requestStack(w.deps, { project, holder: client, branch: 'b0', wait: true });
    await sweep(w.deps);
  }
}
