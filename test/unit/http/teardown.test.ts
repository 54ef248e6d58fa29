import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Project } from '../../../app/core/model/project.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { writeResult } from '../../helpers/memory-deps.ts';
import { aRequest, type Client, type HttpWorld, httpWorld, storedId } from './http-world.ts';

const sha = 'a'.repeat(40);
const withTeardown = { ...aRequest, sha, suite: 'e2e', setup: './deploy.sh', teardown: './destroy.sh' };

describe('a workflow with a teardown', () => {
  let w: HttpWorld;
  let client: Client;
  let project: Project;
  beforeEach(async () => {
    w = httpWorld();
    ({ client, project } = await w.shop({ maxStacks: 1 }));
  });

  const start = (id: string, more = {}) =>
    client.post('/workflow/execute', { ...withTeardown, run_id: id, ...more });
  async function finish(name: string): Promise<void> {
    const id = await storedId(client, name);
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 0 });
    await w.deps.enqueue(id);
    await w.settle();
  }
  /** The teardowns that there have been, as the API shows them. */
  async function teardowns() {
    const { items } = await w.deps.store.runs.list(project.id, {}, { limit: 100 });
    const ids = items.flatMap(({ id, spec }) => (spec.teardownOf === undefined ? [] : [id]));
    return Promise.all(ids.map(async (id) => (await client.get(`/workflow/${id}`)).body));
  }
  const ask = (holder: string) => client.post('/requestStack', { branch: 'next', holder, wait: true });

  it('has its stack torn down when it ends, before the next in the queue gets it', async () => {
    await start('tests');
    expect((await client.get('/workflow/tests')).body).toMatchObject({
      teardown: './destroy.sh',
      teardown_of: null,
    });
    expect(await ask('next')).toMatchObject({ status: 202 });
    await finish('tests');
    const [teardown, ...others] = await teardowns();
    expect(others).toEqual([]);
    expect(teardown).toMatchObject({
      suite: 'e2e teardown',
      test_command: './destroy.sh',
      setup: null,
      state: 'provisioning',
      sha,
      teardown_of: 'tests',
      stack: { held: { stack_name: 'test-1' } },
    });
    expect(await ask('next')).toMatchObject({ status: 202 });
    await finish(teardown.workflow_id);
    expect(await ask('next')).toMatchObject({ status: 200, body: { stackName: 'test-1' } });
    expect(await teardowns()).toHaveLength(1);
  });

  it('has it torn down even if it was canceled', async () => {
    await start('tests');
    await client.send('DELETE', '/workflow/tests');
    const id = await storedId(client, 'tests');
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 143 });
    await w.deps.enqueue(id);
    await w.settle();
    expect((await client.get('/workflow/tests')).body.state).toBe('cancelled');
    expect(await teardowns()).toMatchObject([{ teardown_of: 'tests', state: 'provisioning' }]);
  });

  describe('on the stack of a holder', () => {
    it('leaves it there; it is torn down once, for the last of them, when it is released', async () => {
      await ask('deploy-42');
      for (const id of ['first', 'second']) {
        await start(id, { holder: 'deploy-42' });
        await finish(id);
      }
      expect(await teardowns()).toEqual([]);
      expect(await client.post('/releaseStack', { stackName: 'test-1' })).toMatchObject({
        status: 200,
        body: { message: 'Stack test-1 released' },
      });
      await w.settle();
      expect(await teardowns()).toMatchObject([{ teardown_of: 'second' }]);
    });

    it('has it torn down when the lease expires', async () => {
      await client.post('/requestStack', { branch: 'main', holder: 'deploy-42', leaseSeconds: 3600 });
      await start('tests', { holder: 'deploy-42' });
      await finish('tests');
      w.clock.advance(3601);
      await sweep(w.deps);
      await w.settle();
      expect(await teardowns()).toMatchObject([{ teardown_of: 'tests' }]);
    });
  });

  it('is rejected if there is no stack to tear down', async () => {
    const refused = { status: 400, body: { code: 'invalid_request', details: [{ path: 'teardown' }] } };
    expect(await start('tests', { stack: false })).toMatchObject(refused);
    const { client: without } = await w.shop({ maxStacks: 0 }, 'without');
    expect(await without.post('/workflow/execute', withTeardown)).toMatchObject(refused);
  });
});
