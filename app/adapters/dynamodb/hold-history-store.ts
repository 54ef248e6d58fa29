import { z } from 'zod';
import type { Deployment, PastHold } from '../../core/model/hold.ts';
import { storedHolder } from '../../core/model/ids.ts';
import type { Stack } from '../../core/model/stack.ts';
import type { HoldHistoryStore } from '../../ports/store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Condition } from './expressions.ts';
import { holdHistoryPartition, pastHoldKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';

/** How many holds of a stack are kept: each overwrites the one that many holds before it. */
const holdsKept = 100;
const deploymentsKept = 50;

const pastHoldSchema = z.object({
  token: z.number().int(),
  holder: z.string().transform(storedHolder),
  branch: z.string(),
  since: storedDate,
  until: storedDate.exactOptional(),
  deployments: z.set(z.string()).exactOptional(),
});

const isOfAnEarlierHold: Condition = { when: 'attribute_not_exists(#pk) OR #token < :of' };
const isOfThisHold: Condition = { when: '#token = :of' };

/** The history of holds: a ring of items for each stack, so that it is bounded without a cleanup. */
export function createHoldHistoryStore(table: DynamoTable): HoldHistoryStore {
  return {
    async noteEnd(stack, until) {
      if (stack.hold === undefined) return;
      const key = pastHoldKey(stack.projectId, stack.number, stack.token % holdsKept);
      const values = { ':of': stack.token, ':end': until };
      const fresh = { ...aboutHold(stack), until, deployments: undefined };
      const written = await table.updateIf(key, { set: fresh }, withValues(isOfAnEarlierHold, values, ':of'));
      if (written.done) return;
      const later = {
        when: `${isOfThisHold.when} AND (attribute_not_exists(#until) OR #until < :end)`,
        values,
      };
      await table.updateIf(key, { set: { branch: stack.branch, until } }, later);
    },

    async noteDeployment(stack, deployment) {
      const key = pastHoldKey(stack.projectId, stack.number, stack.token % holdsKept);
      const deployments = new Set([written(deployment)]);
      const values = { ':of': stack.token, ':most': deploymentsKept };
      const room = 'attribute_not_exists(#deployments) OR size(#deployments) < :most';
      const added = await table.updateIf(
        key,
        { add: { deployments } },
        { when: `${isOfThisHold.when} AND (${room})`, values },
      );
      if (added.done || stack.hold === undefined) return;
      const fresh = { ...aboutHold(stack), until: undefined, deployments };
      await table.updateIf(key, { set: fresh }, withValues(isOfAnEarlierHold, values, ':of'));
    },

    async list(projectId, number) {
      const items = await table.queryAll({
        key: { when: '#pk = :pk', values: { ':pk': holdHistoryPartition(projectId, number) } },
      });
      return items.map(toPastHold).sort((a, b) => b.token - a.token);
    },
  };
}

function aboutHold({ token, hold, branch }: Stack): Record<string, unknown> {
  return { kind: 'pastHold', token, holder: hold?.holder, branch, since: hold?.since };
}

function withValues(condition: Condition, values: Record<string, unknown>, ...names: string[]): Condition {
  return {
    when: condition.when,
    values: Object.fromEntries(names.map((name) => [name, values[name]])),
  };
}

/** A set of strings: adding to it needs no read, and adding the same element twice has no effect. */
function written({ at, commit }: Deployment): string {
  return `${at.toISOString()} ${commit}`;
}

function toPastHold(item: Item): PastHold {
  const { deployments = new Set<string>(), ...hold } = parseItem(pastHoldSchema, item);
  return {
    ...hold,
    deployments: [...deployments].sort().map((text) => {
      const space = text.indexOf(' ');
      return { at: new Date(text.slice(0, space)), commit: text.slice(space + 1) };
    }),
  };
}
