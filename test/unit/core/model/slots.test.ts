import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import { claimOf, type SlotClaim, slotOrder } from '../../../../app/core/model/slots.ts';
import { aRun } from '../../../helpers/a-run.ts';

/** `a2`: the second run of project a; each was made a second after the one before it in the text. */
function claims(text: string, cpuUnits = 1024): SlotClaim[] {
  const names = text.split(' ').filter((name) => name !== '');
  return names.map((name, index) => ({
    runId: runId(name),
    projectId: projectId(name.slice(0, 1)),
    cpuUnits,
    since: new Date(1000 * index),
  }));
}
const names = (found: readonly SlotClaim[]): string => found.map(({ runId: id }) => id).join(' ');
const noLimits = new Map();

describe('the next slot', () => {
  it('goes to the oldest run of the project with the fewest tasks', () => {
    const view = { active: claims('a1 a2 b1'), waiting: claims('a3 a4 b2 c1'), projectLimits: noLimits };
    expect(names(slotOrder(view, { tasks: 5 }).order)).toBe('c1 b2 a3 a4');
    expect(names(slotOrder(view, { tasks: 5 }).admitted)).toBe('c1 b2');
  });

  it('goes to the run that has waited longest, among projects with equally many tasks', () => {
    const view = { active: [], waiting: claims('b1 b2 a1 a2'), projectLimits: noLimits };
    expect(names(slotOrder(view, { tasks: 3 }).order)).toBe('b1 a1 b2 a2');
  });

  it('does not go to a project at its limit, which does not block others', () => {
    const view = {
      active: claims('a1'),
      waiting: claims('a2 b1 b2'),
      projectLimits: new Map([[projectId('a'), { tasks: 1 }]]),
    };
    expect(names(slotOrder(view, { tasks: 9 }).admitted)).toBe('b1 b2');
    expect(names(slotOrder(view, { tasks: 9 }).order)).toBe('b1 b2 a2');
  });

  it('does not go to a project whose vCPUs are in use, which does not block others', () => {
    const view = {
      active: claims('a1', 2048),
      waiting: claims('a2 b1', 2048),
      projectLimits: new Map([
        [projectId('a'), { vcpus: 3 }],
        [projectId('b'), { vcpus: 1 }],
      ]),
    };
    expect(names(slotOrder(view, {}).admitted)).toBe('b1');
  });

  it('goes to no run while the next one is too large', () => {
    const [large] = claims('b1', 4096);
    const view = {
      active: claims('a1 a2'),
      waiting: [...claims('a3'), ...(large ? [large] : [])],
      projectLimits: noLimits,
    };
    expect(names(slotOrder(view, { cpuUnits: 4096 }).admitted)).toBe('');
    expect(names(slotOrder({ ...view, active: [] }, { cpuUnits: 4096 }).admitted)).toBe('a3');
  });

  it('goes to a run above the total limit if nothing else runs', () => {
    const view = { active: [], waiting: claims('a1 b1', 9000), projectLimits: noLimits };
    expect(names(slotOrder(view, { cpuUnits: 4096 }).admitted)).toBe('a1');
  });

  it('counts the actual Fargate size, not the requested one', () => {
    expect(claimOf(aRun({}, { cpuUnits: 300, memoryMib: 700 })).cpuUnits).toBe(512);
  });

  it('goes to each run once, in the order of its project, within the limits', () => {
    const letters = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 8 }),
        fc.array(letters, { maxLength: 12 }),
        fc.integer({ min: 0, max: 10 }),
        fc.dictionary(letters, fc.integer({ min: 1, max: 3 })),
        (taken, wanting, tasks, limits) => {
          const numbered = (all: string[], from: number) =>
            claims(all.map((letter, index) => `${letter}${from + index}`).join(' '));
          const projectLimits = new Map(
            Object.entries(limits).map(([id, tasks]) => [projectId(id), { tasks }]),
          );
          const view = { active: numbered(taken, 100), waiting: numbered(wanting, 200), projectLimits };
          const { order, admitted } = slotOrder(view, { tasks });
          expect(names(order).split(' ').toSorted()).toEqual(names(view.waiting).split(' ').toSorted());
          for (const letter of ['a', 'b', 'c']) {
            const mine = (all: readonly SlotClaim[]) => all.filter((one) => one.projectId === letter);
            expect(names(mine(order))).toBe(names(mine(view.waiting)));
            const limit = projectLimits.get(projectId(letter))?.tasks ?? Number.POSITIVE_INFINITY;
            expect(mine(admitted).length).toBeLessThanOrEqual(Math.max(0, limit - mine(view.active).length));
          }
          expect(admitted.length).toBeLessThanOrEqual(Math.max(0, tasks - taken.length));
        },
      ),
    );
  });
});
