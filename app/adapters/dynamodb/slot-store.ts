import { createHash } from 'node:crypto';
import { runId } from '../../core/model/ids.ts';
import {
  type ProjectSlotLimits,
  projectRoomFor,
  roomFor,
  type SlotClaim,
  type SlotLimits,
  type SlotsView,
  vcpusOf,
} from '../../core/model/slots.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { SlotStore } from '../../ports/store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Condition } from './expressions.ts';
import { type Key, keyPart, projectOfKeyPart, projectPart, slotsKey } from './keys.ts';

/**
 * Slots, in one item: the sets `active` and `waiting` of claims, the number `cpuUnits` of those that are active, and for
 * a project the set `active_<project>` of its runs, the set `vcpus_<project>` with an element for each of their vCPUs,
 * and the numbers `limit_<project>` and `limitvcpus_<project>`. Whether a claim is in `active` is part
 * of every condition, so that sets and number change together, once, even if a call is sent twice.
 */
export function createSlotStore(table: DynamoTable, key: Key = slotsKey): SlotStore {
  return {
    async read() {
      return toView((await table.get(key)) ?? {});
    },

    async take(claim, limits, from) {
      const element = new Set([toElement(claim)]);
      const change = {
        add: {
          active: element,
          cpuUnits: claim.cpuUnits,
          [activeOf(claim)]: new Set<string>([claim.runId]),
          [vcpusAttribute(claim)]: vcpuElements(claim),
        },
        ...(from === 'line' ? { drop: { waiting: element } } : {}),
      };
      return (await table.updateIf(key, change, allowing(claim, limits, from))).done;
    },

    async enqueue(claim, { tasks, vcpus }) {
      const written = await table.updateIf(
        key,
        {
          set: {
            [`limit_${projectPart(claim.projectId)}`]: tasks,
            [`limitvcpus_${projectPart(claim.projectId)}`]: vcpus,
          },
          add: { waiting: new Set([toElement(claim)]) },
        },
        { when: 'NOT contains(#active, :claim)', values: { ':claim': toElement(claim) } },
      );
      return written.done ? toView(written.item) : undefined;
    },

    async leave(claim) {
      const element = new Set([toElement(claim)]);
      const left = await table.updateIf(
        key,
        {
          add: { cpuUnits: -claim.cpuUnits },
          drop: {
            active: element,
            [activeOf(claim)]: new Set<string>([claim.runId]),
            [vcpusAttribute(claim)]: vcpuElements(claim),
          },
        },
        { when: 'contains(#active, :claim)', values: { ':claim': toElement(claim) } },
      );
      return toView(left.done ? left.item : await table.update(key, { drop: { waiting: element } }));
    },
  };
}

function allowing(claim: SlotClaim, limits: SlotLimits, from: 'no queue' | 'line'): Condition {
  const { tasks, cpuUnits, ofProject = {} } = limits;
  const parts = [
    'NOT contains(#active, :claim)',
    from === 'line' ? 'contains(#waiting, :claim)' : 'attribute_not_exists(#waiting)',
  ];
  const values: Record<string, unknown> = { ':claim': toElement(claim) };
  const bound = (attribute: string, measured: string, sign: string, name: string, limit: number): void => {
    parts.push(`(attribute_not_exists(#${attribute}) OR ${measured} ${sign} :${name})`);
    values[`:${name}`] = limit;
  };
  if (tasks !== undefined) bound('active', 'size(#active)', '<', 'tasks', tasks);
  if (cpuUnits !== undefined) bound('cpuUnits', '#cpuUnits', '<=', 'room', roomFor(claim, cpuUnits));
  if (ofProject.tasks !== undefined) {
    const own = activeOf(claim);
    bound(own, `size(#${own})`, '<', 'ofProject', ofProject.tasks);
  }
  if (ofProject.vcpus !== undefined) {
    const own = vcpusAttribute(claim);
    bound(own, `size(#${own})`, '<=', 'projectRoom', projectRoomFor(claim, ofProject.vcpus));
  }
  return { when: parts.join(' AND '), values };
}

function activeOf({ projectId }: SlotClaim): string {
  return `active_${projectPart(projectId)}`;
}

function vcpusAttribute({ projectId }: SlotClaim): string {
  return `vcpus_${projectPart(projectId)}`;
}

/** A set and not a number: adding or dropping the elements twice, or those of a run of an older version, changes nothing. */
function vcpuElements(claim: SlotClaim): Set<string> {
  const run = createHash('sha256').update(claim.runId).digest('base64url').slice(0, 12);
  return new Set(Array.from({ length: vcpusOf(claim) }, (_, place) => `${run}${place}`));
}

function toElement({ since, cpuUnits, projectId, runId: id }: SlotClaim): string {
  return [since.getTime(), cpuUnits, keyPart(projectId), id].join('#');
}

function toClaim(element: string): SlotClaim {
  const [since = '', cpuUnits = '', project = '', id = ''] = element.split('#');
  return {
    runId: runId(id),
    projectId: projectOfKeyPart(project),
    cpuUnits: Number(cpuUnits),
    since: new Date(Number(since)),
  };
}

function toView(item: Item): SlotsView {
  const claimsIn = (set: unknown): readonly SlotClaim[] =>
    set instanceof Set ? [...set].map((element) => toClaim(String(element))) : [];
  const waiting = claimsIn(item.waiting);
  const limits = waiting.flatMap(({ projectId }) => {
    const limitIn = (name: string): number | undefined => {
      const limit = item[`${name}_${projectPart(projectId)}`];
      return limit === undefined ? undefined : Number(limit);
    };
    const limit: ProjectSlotLimits = omitUndefined({ tasks: limitIn('limit'), vcpus: limitIn('limitvcpus') });
    return Object.keys(limit).length === 0 ? [] : [[projectId, limit] as const];
  });
  return { active: claimsIn(item.active), waiting, projectLimits: new Map(limits) };
}
