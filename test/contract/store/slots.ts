import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ProjectId, runId } from '../../../app/core/model/ids.ts';
import type { SlotClaim, SlotLimits } from '../../../app/core/model/slots.ts';
import type { Store } from '../../../app/ports/store.ts';
import { minute, newProjectId } from './samples.ts';

/** The slots of all projects, one set for each store: each test releases what it acquired. */
export function slotsContract(store: () => Store): void {
  const made: SlotClaim[] = [];
  const claim = (projectId: ProjectId = newProjectId(), cpuUnits = 1024): SlotClaim => {
    const one = { runId: runId(randomUUID()), projectId, cpuUnits, since: minute(made.length) };
    made.push(one);
    return one;
  };
  const idsOf = (claims: readonly SlotClaim[]) => claims.map(({ runId: id }) => id).toSorted();
  const take = (one: SlotClaim, limits: SlotLimits = { tasks: 2 }) =>
    store().slots.take(one, limits, 'no queue');

  describe('a slot', () => {
    afterEach(async () => {
      for (const one of made.splice(0)) await store().slots.leave(one);
    });

    it('is acquired while one is available, up to the limit, by parallel requests', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => take(claim())));
      expect(answers.filter((taken) => taken)).toHaveLength(2);
      expect((await store().slots.read()).active).toHaveLength(2);
    });

    it('of a group is separate from all others, whatever its name is', async () => {
      const project = newProjectId();
      const [one, two, three] = [claim(project), claim(project), claim(project)];
      const limits = { tasks: 1 };
      const group = (name: string) => store().slotsOf(project, name);
      const odd = 'é #/'.repeat(500);
      expect(await group('e2e').take(one, limits, 'no queue')).toBe(true);
      expect(await group('e2e').take(two, limits, 'no queue')).toBe(false);
      expect(await group(odd).take(two, limits, 'no queue')).toBe(true);
      expect(await store().slotsOf(newProjectId(), 'e2e').take(three, limits, 'no queue')).toBe(true);
      expect(idsOf((await group('e2e').enqueue(two, {}))?.waiting ?? [])).toEqual(idsOf([two]));
      expect(idsOf((await group('e2e').leave(one)).active)).toEqual([]);
      expect(await group('e2e').take(two, limits, 'line')).toBe(true);
      expect((await store().slots.read()).active).toEqual([]);
    });

    it('has an owner', async () => {
      const one = claim(newProjectId(), 2048);
      await take(one);
      expect((await store().slots.read()).active).toEqual([one]);
    });

    it('is acquired and counted once for repeated requests', async () => {
      const [one, two] = [claim(), claim()];
      expect([await take(one), await take(one), await take(two), await take(claim())]).toEqual([
        true,
        false,
        true,
        false,
      ]);
    });

    it('is available after its release, which can be repeated', async () => {
      const [one, two, three] = [claim(), claim(), claim()];
      await take(one);
      await take(two);
      await store().slots.leave(one);
      expect(idsOf((await store().slots.leave(one)).active)).toEqual(idsOf([two]));
      expect([await take(three), await take(claim())]).toEqual([true, false]);
    });

    it('is refused to a project at its limit, and granted to another', async () => {
      const project = newProjectId();
      const limits = { ofProject: { tasks: 1 } };
      const [one, two] = [claim(project), claim(project)];
      expect([await take(one, limits), await take(two, limits), await take(claim(), limits)]).toEqual([
        true,
        false,
        true,
      ]);
      await store().slots.leave(one);
      expect(await take(two, limits)).toBe(true);
    });

    it('is refused above the vCPUs of its project, which a release frees again', async () => {
      const project = newProjectId();
      const limits = { ofProject: { vcpus: 3 } };
      const [two, another, small] = [claim(project, 2048), claim(project, 2048), claim(project, 512)];
      expect([await take(two, limits), await take(another, limits), await take(small, limits)]).toEqual([
        true,
        false,
        true,
      ]);
      expect(await take(claim(newProjectId(), 2048), limits)).toBe(true);
      await store().slots.leave(two);
      await store().slots.leave(two);
      expect(await take(another, limits)).toBe(true);
      expect(await take(two, limits)).toBe(false);
      const large = claim(newProjectId(), 16_384);
      expect(await take(large, limits)).toBe(true);
    });

    it('is refused above the CPU limit, which a release frees again', async () => {
      const limits = { cpuUnits: 4096 };
      const [large, small] = [claim(newProjectId(), 4096), claim(newProjectId(), 256)];
      expect([await take(large, limits), await take(small, limits)]).toEqual([true, false]);
      await store().slots.leave(large);
      expect([await take(small, limits), await take(large, limits)]).toEqual([true, false]);
      await store().slots.leave(small);
      expect(await take(claim(newProjectId(), 9000), limits)).toBe(true);
    });
  });

  describe('the queue for a slot', () => {
    afterEach(async () => {
      for (const one of made.splice(0)) await store().slots.leave(one);
    });

    it('shows active and waiting runs, with the limits of projects', async () => {
      const project = newProjectId();
      const [active, waits] = [claim(), claim(project)];
      await take(active);
      expect(await store().slots.enqueue(waits, { tasks: 3, vcpus: 7 })).toEqual({
        active: [active],
        waiting: [waits],
        projectLimits: new Map([[project, { tasks: 3, vcpus: 7 }]]),
      });
      expect((await store().slots.enqueue(waits, {}))?.projectLimits.size).toBe(0);
    });

    it('cannot be skipped', async () => {
      const [waits, newcomer] = [claim(), claim()];
      await store().slots.enqueue(waits, {});
      expect(await take(newcomer)).toBe(false);
      expect(await store().slots.take(newcomer, { tasks: 2 }, 'line')).toBe(false);
      expect(await store().slots.take(waits, { tasks: 2 }, 'line')).toBe(true);
      expect(await take(newcomer)).toBe(true);
    });

    it('has no place for a run with a slot', async () => {
      const one = claim();
      await store().slots.enqueue(one, {});
      await store().slots.take(one, {}, 'line');
      expect(await store().slots.enqueue(one, {})).toBeUndefined();
      expect(await store().slots.read()).toMatchObject({ active: [one], waiting: [] });
    });

    it('can be left', async () => {
      const [one, two] = [claim(), claim()];
      await store().slots.enqueue(one, {});
      await store().slots.enqueue(two, {});
      expect(idsOf((await store().slots.leave(one)).waiting)).toEqual(idsOf([two]));
    });
  });
}
