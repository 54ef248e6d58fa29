import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedDynamoDb } from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { projectId } from '../../../../app/core/model/ids.ts';
import type { Stack } from '../../../../app/core/model/stack.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { alice } from '../../../contract/store/samples.ts';
import {
  type EmbeddedDirectory,
  embeddedDirectory,
} from '../../../unit/adapters/dynamodb/open-embedded-store.ts';
import { buildWriter, startWriter } from './killable-writer.ts';

const project = projectId('p');

describe('the embedded DynamoDB, whose process is killed', () => {
  let data: EmbeddedDirectory;
  let writers: ReturnType<typeof startWriter>[];
  beforeAll(buildWriter);
  beforeEach(async () => {
    data = await embeddedDirectory();
    writers = [];
  });
  afterEach(async () => {
    for (const writer of writers) await kill(writer);
    await data.remove();
  });

  function startWriting(): ReturnType<typeof startWriter> {
    const writer = startWriter(data.path);
    writers.push(writer);
    return writer;
  }
  async function kill(writer: ReturnType<typeof startWriter>): Promise<void> {
    writers.splice(writers.indexOf(writer), 1);
    if (!writer.kill('SIGKILL')) return;
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  }

  it('rejects a directory that another process uses, until that process ends', async () => {
    const writer = startWriting();
    await once(createInterface(writer.stdout), 'line');
    await expect(startEmbeddedDynamoDb({ directory: data.path })).rejects.toMatchObject({
      code: 'data_dir_in_use',
    });
    await kill(writer);
    await expect(data.open()).resolves.toBeDefined();
  });

  it('loses no acknowledged write when its process is killed, and indexes match', async () => {
    for (let round = 1; round <= 2; round += 1) {
      const acknowledged = await killWhileWriting();
      const { store, database } = await data.open();
      const stacks = await store.stacks.list(project);
      for (const [number, token] of acknowledged) {
        const stack = stacks.find((one) => one.number === number);
        expect(stack?.token).toBeGreaterThanOrEqual(token);
      }
      await expectIndexesToAgree(store, stacks);
      await data.close(database);
    }
  });

  /** @returns the token of each stack that the writer reported as acquired. */
  async function killWhileWriting(): Promise<Map<number, number>> {
    const writer = startWriting();
    const acknowledged = new Map<number, number>();
    let lines = 0;
    for await (const line of createInterface(writer.stdout)) {
      const [number = 0, token = 0] = line.split(' ').map(Number);
      acknowledged.set(number, token);
      lines += 1;
      if (lines === 200) writer.kill('SIGKILL');
    }
    expect(lines).toBeGreaterThanOrEqual(200);
    return acknowledged;
  }

  /** Checks that the pool as it is read matches the stacks. */
  async function expectIndexesToAgree(store: Store, stacks: readonly Stack[]): Promise<void> {
    const pool = await store.stacks.view(project, 'none', alice);
    const free = stacks.filter((stack) => stack.hold === undefined);
    expect([...pool.free].sort((a, b) => a.number - b.number)).toEqual(free);
    expect(pool.highestNumber).toBe(stacks.at(-1)?.number);
    for (const stack of free) {
      expect((await store.stacks.view(project, stack.branch, undefined)).affine).toEqual(stack);
    }
  }
});
