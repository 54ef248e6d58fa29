import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { installationIds } from '../../../app/adapters/system/system-ids.ts';
import { runId } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import { newRun } from '../../../app/core/runs/new-run.ts';
import { mintKey } from '../../../app/http/auth/api-key.ts';
import { aRequest, type Client, clientOf, type HttpWorld, httpWorld } from './http-world.ts';

describe('the names that clients choose for runs', () => {
  let w: HttpWorld;
  let one: { project: Project; client: Client };
  let other: { project: Project; client: Client };
  beforeEach(async () => {
    w = httpWorld();
    one = await w.shop({}, 'one');
    other = await w.shop({}, 'other');
  });
  const start = (client: Client, command = 'npm test', headers = {}) =>
    client.post(
      '/workflow/execute',
      { ...aRequest, test_command: command, stack: false, run_id: 'nightly' },
      headers,
    );

  it('belong to their project: two projects may use the same name', async () => {
    expect(await start(one.client, 'one')).toMatchObject({ status: 202, body: { workflow_id: 'nightly' } });
    expect(await start(other.client, 'two')).toMatchObject({ status: 202, body: { workflow_id: 'nightly' } });
    expect((await one.client.get('/workflow/nightly')).body.test_command).toBe('one');
    expect((await other.client.get('/workflow/nightly')).body.test_command).toBe('two');
    expect((await one.client.get('/workflow')).body.workflows).toMatchObject([{ workflow_id: 'nightly' }]);
  });

  it('are not found in a project that the caller may not see', async () => {
    const { body } = await start(one.client);
    for (const path of ['nightly', body.id]) {
      expect((await other.client.get(`/workflow/${path}`)).status).toBe(404);
      expect((await other.client.send('DELETE', `/workflow/${path}`)).status).toBe(404);
    }
    expect((await one.client.get(`/workflow/${body.id}`)).body.workflow_id).toBe('nightly');
  });

  it('are looked up in all projects of the caller if it names none', async () => {
    const { plain, key } = mintKey(w.deps, {
      projectId: one.project.id,
      name: 'all',
      scope: 'admin',
      allProjects: true,
    });
    await w.deps.store.projects.createKey(key);
    const all = clientOf(w.app, { 'X-API-Key': plain });
    await start(all, 'two', { 'X-Berth-Project': 'other' });
    expect((await all.get('/workflow/nightly')).body.project_id).toBe('other');
    await start(all, 'one');
    expect((await all.get('/workflow/nightly')).body.project_id).toBe('one');
    const named = await all.get('/workflow/nightly', { 'X-Berth-Project': 'other' });
    expect(named.body.project_id).toBe('other');
  });

  it('cannot be the ID of a run of another project, existing or future', async () => {
    const { body } = await one.client.post('/workflow/execute', { ...aRequest, idempotency_key: 'k' });
    const toCome = await w.deps.ids.derived('teardown', one.project.id, '1', '1');
    for (const id of [body.workflow_id, toCome]) {
      const squat = await other.client.post('/workflow/execute', { ...aRequest, run_id: id });
      expect(squat.status).toBe(202);
      expect(squat.body.id).not.toBe(id);
    }
    expect(await w.deps.store.runs.get(runId(toCome))).toBeUndefined();
  });

  it('of version 0.1.0, which are the IDs themselves, stay readable and stay the same run', async () => {
    const { body } = await start(one.client);
    const made = await w.deps.store.runs.get(runId(body.id));
    if (made === undefined) throw new Error('there is no run');
    await w.deps.store.runs.create(
      newRun({ ...made, projectId: other.project.id, id: runId('nightly') }, w.clock.now()),
    );
    expect((await other.client.get('/workflow/nightly')).body.id).toBe('nightly');
    expect((await start(other.client)).body.id).toBe('nightly');
    expect((await one.client.get('/workflow/nightly')).body.id).toBe(body.id);
  });
});

describe('the IDs of an installation', () => {
  const parts = ['teardown', 'gh-1', '1', '7'];

  it("derive from their inputs and the installation's secret", async () => {
    const ids = installationIds(async () => 'a secret');
    const id = await ids.derived(...parts);
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await ids.derived(...parts)).toBe(id);
    expect(await installationIds(async () => 'another').derived(...parts)).not.toBe(id);
  });

  it('cannot be computed from public facts, as those of version 0.1.0 could', async () => {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    const hash = createHash('sha256');
    for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
    const guess = Array.from(hash.digest().subarray(0, 26), (byte) => alphabet[byte % 32]).join('');
    expect(await installationIds(async () => 'a secret').derived(...parts)).not.toBe(guess);
  });
});
