import fc from 'fast-check';

/** The fate of the event of a step: `crash` is the call to the store at which the process dies while it handles it. */
export type Fate = 'heard' | 'lost' | 'twice' | 'late' | { readonly crash: number };

/** The possible steps of a repository. `branch`, `pull` and `run` are taken modulo what there is. */
export type Step =
  | {
      kind: 'push' | 'delete' | 'recreate' | 'open' | 'force push back' | 'copy fork';
      branch: number;
      event: Fate;
    }
  | { kind: 'close' | 'reopen' | 'retarget' | 'draft' | 'merge'; pull: number; event: Fate }
  | { kind: 'queue' | 'leave queue'; pull: number; merged: boolean; event: Fate }
  /** A person approves a fork's pull request; `race`: its author pushes before Berth has read the approval. */
  | { kind: 'approve'; pull: number; how: 'comment' | 'commit' | 'button'; race: boolean; event: Fate }
  | { kind: 'retest'; branch: number; older: boolean }
  | { kind: 'cancel'; branch: number }
  | { kind: 'finish'; run: number; fails: boolean }
  | { kind: 'time'; seconds: number }
  | { kind: 'late events' }
  | { kind: 'rename' | 'transfer' | 'suspend' | 'resume'; event: Fate }
  | { kind: 'GitHub refuses checks' | 'GitHub is down'; times: number };

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { arbitrary: fc.constantFrom<Fate>('heard'), weight: 5 },
  { arbitrary: fc.constantFrom<Fate>('lost', 'twice', 'late'), weight: 3 },
  { arbitrary: fc.record({ crash: fc.nat(30) }), weight: 2 },
);
const index = fc.nat(5);

const stepOf = <Kind extends Step['kind']>(
  kinds: readonly Kind[],
  more: fc.Arbitrary<object>,
  weight: number,
) => ({
  // The fields are those of the kinds, which the arguments below spell out.
  arbitrary: fc
    .tuple(fc.constantFrom(...kinds), more)
    .map(([kind, fields]) => ({ kind, ...fields }) as unknown as Step),
  weight,
});

/** One step, forks and merge groups included. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  stepOf(['push', 'open'], fc.record({ branch: index, event: fate }), 10),
  stepOf(
    ['delete', 'recreate', 'force push back', 'copy fork'],
    fc.record({ branch: index, event: fate }),
    3,
  ),
  stepOf(['close', 'reopen', 'merge'], fc.record({ pull: index, event: fate }), 6),
  stepOf(['retarget', 'draft'], fc.record({ pull: index, event: fate }), 1),
  stepOf(['queue', 'leave queue'], fc.record({ pull: index, merged: fc.boolean(), event: fate }), 2),
  stepOf(
    ['approve'],
    fc.record({
      pull: index,
      how: fc.constantFrom('comment', 'commit', 'button'),
      race: fc.boolean(),
      event: fate,
    }),
    3,
  ),
  stepOf(['retest'], fc.record({ branch: index, older: fc.boolean() }), 1),
  stepOf(['cancel'], fc.record({ branch: index }), 1),
  stepOf(['finish'], fc.record({ run: index, fails: fc.boolean() }), 6),
  stepOf(['time'], fc.record({ seconds: fc.nat(400) }), 2),
  stepOf(['late events'], fc.record({}), 1),
  stepOf(['rename', 'transfer', 'suspend', 'resume'], fc.record({ event: fate }), 1),
  stepOf(['GitHub refuses checks', 'GitHub is down'], fc.record({ times: fc.nat(6) }), 1),
);
