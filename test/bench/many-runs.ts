import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoStore } from '../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { projectId, runId } from '../../app/core/model/ids.ts';
import type { RunFilter } from '../../app/ports/store.ts';
import { minute, newRun } from '../contract/store/samples.ts';

/*
 * Measures the lists of a project's runs on the embedded database, as the project grows.
 *
 *   npm run bench:many-runs -- 1000 10000 100000
 */
const sizes = process.argv.slice(2).map(Number);
const passes = 20;
const atOnce = 50;
const project = projectId('p');
const suites = ['unit', 'e2e', 'lint', 'load'];

const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const database = await startEmbeddedDynamoDb({ directory });
const store = createDynamoStore({ client: database.client, tableName: 'berth' });
await store.prepare();
const print = (line: string): void => void process.stdout.write(`${line}\n`);
let stored = 0;
for (const size of sizes.length > 0 ? sizes : [1000, 10_000, 100_000]) {
  const begun = performance.now();
  while (stored < size) {
    await Promise.all(Array.from({ length: Math.min(atOnce, size - stored) }, () => create(stored++)));
  }
  const seconds = (performance.now() - begun) / 1000;
  print(
    `${size} runs (written in ${seconds.toFixed(0)} s, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB)`,
  );
  await measure('newest 50', {});
  await measure('one branch in a thousand', { branch: 'topic-7' });
  await measure('one suite in four', { suite: 'e2e' });
  await measure('text that no run has', { text: 'no such text' });
  await measure('created before the middle', { before: minute(size / 2) });
  await time('active runs', () => store.runs.listActive(project));
  await time('one run', () => store.runs.get(idOf(0)));
}
await database.close();
await rm(directory, { recursive: true });

function idOf(number: number) {
  return runId(`run-${String(number).padStart(8, '0')}`);
}

async function create(number: number): Promise<void> {
  const at = minute(number);
  const change = { id: idOf(number), createdAt: at, settledAt: at, state: 'succeeded' } as const;
  const branch = `topic-${number % 1000}`;
  const { dueAt: _, ...run } = newRun(project, change, {
    branch,
    suite: suites[number % suites.length] ?? '',
  });
  await store.runs.create(run);
}

function measure(name: string, filter: RunFilter): Promise<void> {
  return time(name, () => store.runs.list(project, filter, { limit: 50 }));
}

async function time(name: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  times.sort((one, other) => one - other);
  print(`  ${name}: median ${times[passes / 2]?.toFixed(1)} ms, slowest ${times.at(-1)?.toFixed(1)} ms`);
}
