import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holder } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { estimateWaits } from '../../../../app/core/stacks/estimate-wait.ts';
import { listQueue } from '../../../../app/core/stacks/queue-order.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import { cases } from '../../../helpers/cases.ts';
import { type World, world } from '../../../helpers/memory-deps.ts';

let w: World;
let project: Project;
beforeEach(async () => {
  w = world();
});

/** A branch of an author, such as `ann/3`, asks for a stack. */
const ask = (branch: string) =>
  requestStack(w.deps, {
    project,
    holder: holder.branch(branch),
    branch,
    author: branch.split('/')[0] ?? branch,
    wait: true,
  });
const release = (branch: string) => releaseHolder(w.deps, project, holder.branch(branch));

async function holders(): Promise<string[]> {
  const stacks = await w.deps.store.stacks.list(project.id);
  return stacks.flatMap(({ hold, branch }) => (hold === undefined ? [] : [branch]));
}

/** Releases one stack after the other until no one waits. @returns the branches in the order in which they got a stack. */
async function serveAll(): Promise<string[]> {
  const served = await holders();
  for (let next = 0; next < served.length; next += 1) {
    await release(served[next] ?? '');
    for (const branch of await holders()) if (!served.includes(branch)) served.push(branch);
  }
  return served;
}

const annsBranches = Array.from({ length: 20 }, (_, index) => `ann/${index}`);

describe('a queue', () => {
  it('that is fair serves another author after one more branch of the author with twenty', async () => {
    project = await w.project({ maxStacks: 1, queue: 'fair' });
    for (const branch of annsBranches) await ask(branch);
    for (const branch of annsBranches.slice(0, 5)) await release(branch);
    // ann/5 has the stack; ann/6 to ann/19 wait.
    expect(await ask('bob/0')).toEqual({ kind: 'waiting', position: 2 });
    expect(await ask('bob/1')).toEqual({ kind: 'waiting', position: 4 });
    expect((await serveAll()).slice(0, 5)).toEqual(['ann/5', 'ann/6', 'bob/0', 'ann/7', 'bob/1']);
  });

  it('without the setting is first come, first served', async () => {
    project = await w.project({ maxStacks: 1 });
    for (const branch of annsBranches) await ask(branch);
    expect(await ask('bob/0')).toEqual({ kind: 'waiting', position: 20 });
    expect((await serveAll()).at(-1)).toBe('bob/0');
  });

  it('that is fair keeps the place of a branch that asks again', async () => {
    project = await w.project({ maxStacks: 1, queue: 'fair' });
    for (const branch of ['ann/0', 'ann/1', 'ann/2', 'bob/0']) await ask(branch);
    const before = await listQueue(w.deps, project, 10);
    for (const branch of ['ann/2', 'bob/0', 'ann/1']) await ask(branch);
    const after = await listQueue(w.deps, project, 10);
    expect(after.map(({ branch }) => branch)).toEqual(before.map(({ branch }) => branch));
  });

  it('that is fair makes no author wait for more than one branch of each other author', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ann', 'bob', 'cy'), { minLength: 1, maxLength: 15 }),
        async (authors) => {
          w = world();
          project = await w.project({ maxStacks: 1, queue: 'fair' });
          await ask('first/0');
          for (const [index, author] of authors.entries()) await ask(`${author}/${index}`);
          const served = (await serveAll()).slice(1).map((branch) => branch.split('/')[0] ?? '');
          expect([...served].sort()).toEqual([...authors].sort());
          for (const author of new Set(authors)) {
            const firsts = served.slice(0, served.indexOf(author));
            expect(new Set(firsts).size).toBe(firsts.length);
          }
        },
      ),
      { numRuns: cases(100) },
    );
  });
});

describe('the estimated wait', () => {
  /** A branch that held a stack for a few minutes. */
  async function held(branch: string, minutes: number): Promise<void> {
    await ask(branch);
    w.clock.advance(minutes * 60);
    await release(branch);
  }

  it('is unknown without a history', async () => {
    project = await w.project({ maxStacks: 1 });
    await ask('ann/0');
    expect(await estimateWaits(w.deps, project, 3)).toEqual([]);
  });

  it('follows from the median hold, the age of the holds, and the number of stacks', async () => {
    project = await w.project({ maxStacks: 2 });
    for (const minutes of [10, 1, 100]) await held('ann/0', minutes);
    await ask('ann/1');
    w.clock.advance(240);
    await ask('ann/2');
    // The median is ten minutes: one stack becomes available in six minutes, the other in ten.
    expect(await estimateWaits(w.deps, project, 4)).toEqual([360, 600, 960, 1200]);
    w.clock.advance(3600);
    expect(await estimateWaits(w.deps, project, 3)).toEqual([0, 0, 600]);
  });
});
