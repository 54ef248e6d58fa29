import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openDynaliteStore } from '../../../../app/adapters/dynamodb/dynalite-store.ts';
import { startEmbeddedDynamoDb } from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { type Branch, newBranch } from '../../../../app/core/model/branch.ts';
import { holder, projectId, runId } from '../../../../app/core/model/ids.ts';
import { monthOf } from '../../../../app/lib/month.ts';
import { omitUndefined } from '../../../../app/lib/omit-undefined.ts';
import { alice, heldStack, newRun, params } from '../../../contract/store/samples.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';
import { type EmbeddedDirectory, embeddedDirectory, tableName } from './open-embedded-store.ts';

const project = projectId('p');

describe('the embedded DynamoDB', () => {
  let data: EmbeddedDirectory;
  let directory: string;
  beforeEach(async () => {
    data = await embeddedDirectory();
    directory = data.path;
  });
  afterEach(() => data.remove());

  it('keeps data when it is closed and reopened', async () => {
    const first = await data.open();
    const stack = await heldStack(first.store, project, 1);
    const { run } = await first.store.runs.create(newRun(project));
    await data.close(first.database);
    const { store } = await data.open();
    expect(await store.stacks.get(project, 1)).toEqual(stack);
    expect(await store.runs.listActive(project)).toEqual([run]);
  });

  it('creates a missing directory, readable only by its owner', async () => {
    const { store } = await data.open(join(directory, 'a', 'b'));
    await expect(store.ping()).resolves.toBeUndefined();
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('rejects a directory that is in use, with a hint', async () => {
    await data.open();
    await expect(startEmbeddedDynamoDb({ directory })).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(directory),
      hint: expect.stringContaining('BERTH_DATA_DIR'),
    });
  });

  it('reports that the directory is a file', async () => {
    const path = join(directory, 'file');
    await writeFile(path, '');
    await expect(startEmbeddedDynamoDb({ directory: path })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('reports a damaged database', async () => {
    const { database } = await data.open();
    await data.close(database);
    await writeFile(join(directory, 'CURRENT'), 'damaged');
    await expect(startEmbeddedDynamoDb({ directory })).rejects.toMatchObject({
      code: 'database_damaged',
      message: expect.stringContaining('CURRENT'),
    });
  });

  it('fails only requests after it was closed', async () => {
    const { store, database } = await data.open();
    await data.close(database);
    await expect(store.stacks.get(project, 1)).rejects.toThrow();
    await expect(store.stacks.list(project)).rejects.toThrow();
    await expect(holdChanges(store).create(project, 1, 'test-1', params(alice))).rejects.toThrow();
  });

  it('refuses a database without its CURRENT file, instead of opening an empty one', async () => {
    const { store, database } = await data.open();
    await heldStack(store, project, 1);
    await data.close(database);
    await rm(join(directory, 'CURRENT'));
    await expect(data.open()).rejects.toMatchObject({
      code: 'database_damaged',
      message: expect.stringContaining('CURRENT is missing'),
    });
  });

  describe('a damaged table', () => {
    let whole: EmbeddedDirectory;
    beforeAll(async () => {
      whole = await embeddedDirectory();
      const { store, database } = await whole.open();
      for (let number = 1; number <= 300; number += 1) await heldStack(store, project, number);
      await whole.close(database);
      // What is in the journal becomes a table when it is opened the next time.
      await whole.close((await whole.open()).database);
    });
    beforeEach(() => cp(whole.path, directory, { recursive: true }));
    afterAll(() => whole.remove());

    const tables = async () => (await readdir(directory)).filter((name) => name.endsWith('.ldb'));
    const change = async (edit: (bytes: Buffer) => Buffer): Promise<void> => {
      const [name = ''] = await tables();
      await writeFile(join(directory, name), edit(await readFile(join(directory, name))));
    };

    it.each([
      ['empty', () => Buffer.alloc(0)],
      ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
      ['with zeros at the end', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -60), Buffer.alloc(60)])],
      ['changed in the middle', (bytes: Buffer) => Buffer.from(bytes).fill(0x55, 2000, 4000)],
    ])('that is %s is refused at the start', async (_, edit) => {
      await change(edit);
      await expect(data.open()).rejects.toMatchObject({ code: 'database_damaged' });
    });

    it('that is missing is refused at the start', async () => {
      const [name = ''] = await tables();
      await rm(join(directory, name));
      await expect(data.open()).rejects.toMatchObject({ code: 'database_damaged' });
    });
  });

  it('opens after a kill during a compaction, which leaves a table that the database does not use', async () => {
    const { store, database } = await data.open();
    await heldStack(store, project, 1);
    await data.close(database);
    await writeFile(join(directory, '000999.ldb'), 'half of a tab');
    const again = await data.open();
    expect(await again.store.stacks.get(project, 1)).toBeDefined();
    expect(await readdir(directory)).not.toContain('000999.ldb');
    await data.close(again.database);
  });

  it('deletes what DynamoDB would delete, once its time is over', async () => {
    const { store, database } = await data.open();
    const [now, later] = [new Date(Date.UTC(2030, 0, 1)), new Date(Date.UTC(2030, 0, 2))];
    const delivery = { name: 'push', receivedAt: now, dueAt: now, payload: '{}', attempts: 0 };
    for (const id of ['handled', 'recent', 'open']) await store.deliveries.record({ id, ...delivery });
    await store.deliveries.done('handled', now);
    await store.deliveries.done('recent', later);
    await heldStack(store, project, 1);
    expect(await database.expire(tableName, new Date(now.getTime() + 60_000))).toBe(1);
    expect(await store.deliveries.get('handled')).toBeUndefined();
    expect(await store.deliveries.get('open')).toBeDefined();
    expect(await store.stacks.get(project, 1)).toBeDefined();
    expect(await database.expire(tableName, new Date(later.getTime() + 60_000))).toBe(1);
  });

  describe('with a retention of 90 days', () => {
    const [start, then] = [new Date(Date.UTC(2030, 0, 1)), new Date(Date.UTC(2030, 4, 2))];
    const branch = (name: string, change: Partial<Branch>): Branch => ({
      ...newBranch(
        { projectId: project, repositoryId: 1, name },
        { isTrusted: true, trigger: { kind: 'push' }, now: start },
      ),
      ...change,
    });
    const comment = (number: number) => ({
      ...{ projectId: project, number, branch: { repositoryId: 1, name: 'topic' } },
      ...{ isWanted: true, mayExist: false, revision: 0, attempts: 0 },
    });
    const openAt = (days: number | undefined) =>
      data.open(directory, { clock: { now: () => start }, ...omitUndefined({ recordRetentionDays: days }) });

    it('deletes the records of what is over, and no record that decides', async () => {
      const { store, database } = await openAt(90);
      const { branches, holders, comments, costs, deliveries } = store;
      for (const one of [
        branch('deleted', {}),
        branch('fork', { isTrusted: false, head: 'a', holder: holder.fork(2, 'fork') }),
        branch('left', { head: 'a', closedHead: 'a' }),
        branch('open', { head: 'a', isOpen: true }),
        branch('due', { dueAt: start }),
      ])
        await branches.save(one);
      await branches.noteCheck(project, 'a', 'unit', { checkRunId: 1, runId: runId('r') });
      await holders.save(project, { holder: holder.branch('old'), generation: 1, closed: start }, undefined);
      await holders.save(project, { holder: holder.branch('new'), generation: 1, stackNumber: 1 }, undefined);
      for (const number of [1, 2]) await comments.save(comment(number));
      await comments.save({ ...comment(3), isDeleted: true });
      await comments.wake(project, 2, start);
      await costs.record({ projectId: project, month: monthOf(start), runId: runId('r'), costUsd: 1 });
      await deliveries.record({ id: 'never', name: 'push', receivedAt: start, dueAt: start, attempts: 0 });

      expect(await database.expire(tableName, new Date(Date.UTC(2030, 0, 30)))).toBe(0);
      // Two branches, a commit, a holder, a comment, and a delivery.
      expect(await database.expire(tableName, then)).toBe(6);
      const key = { projectId: project, repositoryId: 1 };
      for (const name of ['left', 'open', 'due']) expect(await branches.get({ ...key, name })).toBeDefined();
      for (const name of ['deleted', 'fork']) expect(await branches.get({ ...key, name })).toBeUndefined();
      expect(await holders.get(project, holder.branch('old'))).toBeUndefined();
      expect(await holders.get(project, holder.branch('new'))).toBeDefined();
      expect(await comments.get(project, 1)).toBeUndefined();
      expect(await comments.get(project, 2)).toBeDefined();
      expect(await comments.get(project, 3)).toBeDefined();
      expect(await costs.ofMonth(project, monthOf(start))).toHaveLength(1);
      await database.expire(tableName, new Date(Date.UTC(2031, 4, 2)));
      expect(await costs.ofMonth(project, monthOf(start))).toEqual([]);
    });

    it('keeps a record that is used again', async () => {
      const { store, database } = await openAt(90);
      const gone = await store.branches.save(branch('topic', {}));
      await store.branches.save({ ...gone, isOpen: true, head: 'b' });
      const old = { holder: holder.branch('topic'), generation: 1 };
      await store.holders.save(
        project,
        { ...old, stackNumber: 1 },
        await store.holders.save(project, old, undefined),
      );
      expect(await database.expire(tableName, then)).toBe(0);
    });

    it('of no limit keeps them all, but events that were never handled', async () => {
      const { store, database } = await openAt(undefined);
      await store.branches.save(branch('deleted', {}));
      await store.costs.record({ projectId: project, month: monthOf(start), runId: runId('r'), costUsd: 1 });
      await store.deliveries.record({ id: 'n', name: 'push', receivedAt: start, dueAt: start, attempts: 0 });
      expect(await database.expire(tableName, then)).toBe(1);
    });
  });

  it('names damage that a request meets later', async () => {
    const store = await openDynaliteStore(directory);
    const { db, getItemDb } = store.forRequest();
    db.getSync = () => {
      throw new Error('Corruption: block checksum mismatch');
    };
    expect(store.damage()).toBeUndefined();
    const error = await new Promise((resolve) => getItemDb('berth').get('key', resolve));
    expect(error).toMatchObject({ code: 'database_damaged' });
    expect(store.damage()).toBe(error);
    await store.close();
  });
});
