import { describe, expect, it } from '@jest/globals';
import { cleanUp } from '../../../action/clean-up.ts';
import { idempotencyKey } from '../../../action/idempotency-key.ts';
import { run } from '../../../action/run.ts';
import { acquireStack, recordDeployment, releaseStack } from '../../../action/stacks.ts';
import { readStepState } from '../../../action/step-state.ts';
import { type ActionWorld, actionWorld, aJob, aPush, settingsFor, settingsOf } from './action-world.ts';

async function stacksOf(w: ActionWorld) {
  const client = await w.berth.client(w.project);
  return (await client.get('/listStacks')).body.stacks;
}

/** Returns what the post step of the job reads. */
function left(w: ActionWorld) {
  return readStepState((name) => w.host.state[name] ?? '');
}

describe('A step that requests a stack', () => {
  it('holds it for the steps that follow, until one releases it', async () => {
    const w = await actionWorld();
    expect(await acquireStack(w.deps, settingsFor('request-stack'))).toBeUndefined();
    expect(w.host.outputs).toMatchObject({
      'stack-name': 'test-1',
      'lock-token': '1',
      'is-new': 'true',
      'last-deployed-commit': '',
    });
    const job = { ...aJob, ...w.host.variables };

    const note = settingsOf({ operation: 'set-last-deployed-commit' }, aPush, job);
    if (note.operation === 'set-last-deployed-commit') await recordDeployment(w.deps, note);
    const test = settingsOf({ operation: 'run' }, aPush, job);
    w.host.meanwhile = () => w.end();
    if (test.operation === 'run') expect(await run(w.deps, test)).toBeUndefined();
    expect(w.host.outputs).toMatchObject({ 'stack-name': 'test-1', 'last-deployed-commit': aPush.sha });
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: false, lastDeployedCommit: aPush.sha }]);

    const release = settingsOf({ operation: 'release-stack' }, aPush, job);
    if (release.operation === 'release-stack') await releaseStack(w.deps, release);
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: true }]);
    expect(w.host.variables).toEqual({ BERTH_STACK: '', BERTH_STACK_HOLDER: '', BERTH_STACK_LOCK_TOKEN: '' });
  });

  it('waits in the queue, and then holds the stack without a lease', async () => {
    const w = await actionWorld();
    const client = await w.berth.client(w.project);
    await client.post('/requestStack', { holder: 'somebody' });
    let waits = 0;
    w.host.meanwhile = async () => {
      waits += 1;
      if (waits === 5) await client.post('/releaseStack', { stackName: 'test-1' });
    };
    expect(await acquireStack(w.deps, settingsFor('request-stack'))).toBeUndefined();
    expect(w.host.log()).toContain(
      'No stack is available. Position in the queue: 1.\nStack test-1 is held for main.',
    );
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: false, leaseUntil: null }]);
  });

  it('fails where none is free and it must not wait', async () => {
    const w = await actionWorld();
    const client = await w.berth.client(w.project);
    await client.post('/requestStack', { holder: 'somebody' });
    const settings = settingsFor('request-stack', { 'wait-for-stack': 'false' });
    expect(await acquireStack(w.deps, settings)).toMatch(/^No stack is available/);
  });

  it('leaves no stack behind where it was killed in line', async () => {
    const w = await actionWorld();
    const client = await w.berth.client(w.project);
    await client.post('/requestStack', { holder: 'somebody' });
    w.host.meanwhile = () => w.cancel();
    const settings = settingsFor('request-stack');
    await expect(acquireStack(w.deps, settings)).rejects.toThrow('The workflow was canceled.');
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: false }]);
    await cleanUp({ ...w.deps, signal: new AbortController().signal }, left(w));
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: true }]);
  });

  it('releases the stack at the end of the job with release-at-end: true', async () => {
    const w = await actionWorld();
    const settings = settingsFor('request-stack', { 'release-at-end': 'true' });
    await acquireStack(w.deps, settings);
    await cleanUp(w.deps, left(w));
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: true }]);
    // Another holder keeps the stack.
    const client = await w.berth.client(w.project);
    await client.post('/requestStack', { holder: 'somebody' });
    await cleanUp(w.deps, left(w));
    expect(await stacksOf(w)).toMatchObject([{ isAvailable: false }]);
  });
});

describe('The post step', () => {
  it('cancels the run of a step that was killed', async () => {
    const w = await actionWorld();
    const settings = settingsFor('run');
    w.host.meanwhile = () => {
      throw new Error('killed');
    };
    await expect(run(w.deps, settings)).rejects.toThrow('killed');
    await cleanUp(w.deps, left(w));
    expect((await w.berth.deps.store.runs.get(w.latest()))?.cancel).toBeDefined();
  });

  it('finds and cancels a run whose ID the step never learned', async () => {
    const w = await actionWorld();
    const settings = settingsFor('run');
    const requested = { request: settings.request, idempotencyKey: idempotencyKey(settings) };
    w.deps.state.requesting(requested);
    // The request arrives, and its answer does not.
    await w.deps.api.startRun({ ...requested.request, idempotency_key: requested.idempotencyKey });
    await cleanUp(w.deps, left(w));
    expect(w.berth.tasks.launched).toHaveLength(1);
    expect((await w.berth.deps.store.runs.get(w.latest()))?.cancel).toBeDefined();
  });

  it('sends no request after a step that ended by itself', async () => {
    const w = await actionWorld();
    const settings = settingsFor('run');
    w.host.meanwhile = () => w.end();
    await run(w.deps, settings);
    w.requests.length = 0;
    await cleanUp(w.deps, left(w));
    expect(w.requests).toEqual([]);
  });
});
