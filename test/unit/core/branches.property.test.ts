import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cases } from '../../helpers/cases.ts';
import { History } from '../../helpers/repository-history/history.ts';
import { mistakesOf } from '../../helpers/repository-history/mistakes.ts';
import { type Step, step } from '../../helpers/repository-history/steps.ts';

/** Another seed on each run, printed with the test; `BERTH_SEED` repeats one. */
const seed = Number(process.env.BERTH_SEED ?? Math.floor(Math.random() * 2 ** 31));

async function play(steps: readonly Step[], isCompared = true): Promise<string[]> {
  const history = new History();
  await history.start(isCompared);
  for (const one of steps) await history.run(one);
  await history.rest();
  return mistakesOf(history);
}

describe('a repository with any history', () => {
  it(`has a verdict for each live head, holds nothing for what is closed, and runs no unapproved code (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        async (steps, isCompared) => {
          expect(await play(steps, isCompared)).toEqual([]);
        },
      ),
      { seed, numRuns: cases(80) },
    );
  });
});

/** Found by the property above, or reported: each failed before. */
const histories: Readonly<Record<string, readonly Step[]>> = {
  'the check of an ended run was refused, and is created after that of the reopened branch': [
    { kind: 'GitHub refuses checks', times: 1 },
    { kind: 'push', branch: 2, event: 'heard' },
    { kind: 'open', branch: 1, event: { crash: 2 } },
    { kind: 'close', pull: 0, event: 'heard' },
    { kind: 'open', branch: 1, event: 'heard' },
  ],
  'a pull request of a fork is closed whose branch has the name of one of the repository': [
    { kind: 'push', branch: 1, event: 'heard' },
    { kind: 'open', branch: 0, event: 'heard' },
    { kind: 'time', seconds: 5 },
    { kind: 'finish', run: 0, fails: false },
    { kind: 'push', branch: 3, event: 'heard' },
    { kind: 'open', branch: 2, event: 'heard' },
    { kind: 'close', pull: 1, event: 'heard' },
  ],
  'a fork is approved while GitHub refuses to show the refusal of its newest commit': [
    { kind: 'push', branch: 3, event: 'heard' },
    { kind: 'open', branch: 2, event: 'heard' },
    { kind: 'GitHub refuses checks', times: 6 },
    { kind: 'push', branch: 3, event: 'heard' },
    { kind: 'approve', pull: 0, how: 'comment', race: false, event: 'heard' },
  ],
};

describe('a repository is right in the end after this history:', () => {
  it.each(Object.keys(histories))('%s', async (name) => {
    expect(await play(histories[name] ?? [])).toEqual([]);
  });
});
