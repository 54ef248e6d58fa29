import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDynamoStore } from '../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { holder, projectId } from '../../app/core/model/ids.ts';
import { type Project, projectSettingsSchema } from '../../app/core/model/project.ts';
import { berthPool, readAllPool, seedPool } from './berth-pool.ts';
import { olderTable } from './older-algorithm.ts';

/*
 * Measures a request for a stack at several pool sizes, compared with the older algorithm.
 *
 *   npm run bench:request-stack -- [--passes 5] [--sizes 10,1000,10000]
 *
 * All take turns in each pass, so that whatever else the machine does meets them alike; the garbage of one is
 * collected before the next begins. Releases are not measured.
 */
const { values } = parseArgs({
  options: {
    passes: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '10,1000,10000' },
  },
});
const passes = Number(values.passes);
const sizes = values.sizes.split(',').map(Number);
/** The requests of one contender in one pass: limited by time and number. */
const most = { requests: 1000, milliseconds: 3000 };
/** At most half of the smallest pool, so that none runs empty. */
const heldAtOnce = 5;
const tableName = 'berth';

interface Contender {
  readonly name: string;
  readonly size: number;
  readonly milliseconds: number[];
  /** Sends one request. Returns a function that releases the stack. */
  request(count: number): Promise<() => Promise<void>>;
}

const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const { client, close } = await startEmbeddedDynamoDb({ directory });
const store = createDynamoStore({ client, tableName });
await store.prepare();
let requests = 0;
const contenders = await makeContenders();
for (let pass = 0; pass <= passes; pass += 1) {
  for (const contender of contenders) await measure(contender, pass > 0);
}
report();
await close();
await rm(directory, { recursive: true });

async function makeContenders(): Promise<Contender[]> {
  const older = await olderTable(client);
  const made: Contender[] = [];
  for (const size of sizes) {
    const nameOf = (number: number) => ({
      branch: `branch-${number}`,
      lastRequested: new Date(Date.UTC(2026, 0, 1) + number * 1000),
    });
    const project = projectOf(size);
    await seedPool(client, tableName, project, size, nameOf);
    const berth = berthPool(store, project);
    for (const [name, pool, kind] of [
      ['Berth, an API request', berth, holder.request],
      ['Berth, a named holder', berth, holder.client],
      ['read all, sort, update: in the same table', readAllPool(store, project), holder.request],
    ] as const) {
      made.push({
        name,
        size,
        milliseconds: [],
        async request(count) {
          const stack = await pool.request(`new-${count}`, kind(`${size}-${count}`));
          return () => pool.release(stack);
        },
      });
    }
    const olderPool = older(`older-${size}`);
    await olderPool.seed(size, nameOf);
    made.push({
      name: 'read all, sort, update: in a plain table',
      size,
      milliseconds: [],
      async request(count) {
        const stackName = await olderPool.request(`new-${count}`);
        return () => olderPool.release(stackName);
      },
    });
  }
  return made;
}

function projectOf(size: number): Project {
  const now = new Date();
  const id = projectId(`pool-${size}`);
  return {
    id,
    name: id,
    settings: projectSettingsSchema.parse({ maxStacks: size }),
    created: now,
    modified: now,
  };
}

/** The first pass warms up. */
async function measure(contender: Contender, counts: boolean): Promise<void> {
  globalThis.gc?.();
  const end = performance.now() + most.milliseconds;
  const releases: (() => Promise<void>)[] = [];
  for (let request = 1; request <= most.requests && performance.now() < end; request += 1) {
    requests += 1;
    const begin = performance.now();
    releases.push(await contender.request(requests));
    if (counts) contender.milliseconds.push(performance.now() - begin);
    if (releases.length === heldAtOnce) for (const give of releases.splice(0)) await give();
  }
  for (const give of releases) await give();
}

function report(): void {
  const [cpu] = cpus();
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${passes} passes\n`,
  );
  console.log('| pool | algorithm | requests/s | p50 ms | p99 ms |');
  console.log('|---:|---|---:|---:|---:|');
  for (const { size, name, milliseconds } of contenders) {
    const sorted = milliseconds.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
    const perSecond = (1000 * sorted.length) / sorted.reduce((sum, one) => sum + one, 0);
    console.log(
      `| ${size.toLocaleString('en')} | ${name} | ${perSecond.toFixed(0)} | ${at(0.5)} | ${at(0.99)} |`,
    );
  }
}
