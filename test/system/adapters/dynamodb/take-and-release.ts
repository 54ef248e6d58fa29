import { writeSync } from 'node:fs';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { holder, projectId } from '../../../../app/core/model/ids.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';

/*
 * Takes and releases five stacks without end, each in its own loop, and prints number and token once a params was
 * acknowledged. The test kills it.
 */
const [, , directory = ''] = process.argv;
const project = projectId('p');
const { client } = await startEmbeddedDynamoDb({ directory });
const store = createDynamoStore({ client, tableName: 'berth' });
await store.prepare();
await Promise.all([1, 2, 3, 4, 5].map(loop));

async function loop(number: number): Promise<void> {
  const writer = holder.client(`writer-${number}`);
  for (;;) {
    const now = new Date();
    const params = { holder: writer, branch: `branch-${number}`, now, checkAt: now };
    const seen = await store.stacks.get(project, number);
    const taken =
      seen === undefined
        ? await holdChanges(store).create(project, number, `test-${number}`, params)
        : await holdChanges(store).take(seen, params);
    if (taken !== undefined) writeSync(1, `${number} ${taken.token}\n`);
    const held = taken ?? seen;
    if (held !== undefined) await holdChanges(store).release(held, new Date());
  }
}
