import { describe, expect, it } from '@jest/globals';
import { cancel } from '../../../action/cancel.ts';
import { run, status } from '../../../action/run.ts';
import { actionWorld, settingsFor } from './action-world.ts';

/** Calls the next step at each wait, until none is left. */
function sequence(...steps: (() => void | Promise<void>)[]): () => void | Promise<void> {
  return () => steps.shift()?.();
}

describe('A step that runs tests', () => {
  it('shows the log in groups while the run prints it, and then the result', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(
      () => w.begin(),
      () => w.print('one', 'two'),
      () => w.print('three'),
      () => w.end(),
    );
    const failure = await run(w.deps, settingsFor('run'));
    expect(failure).toBeUndefined();
    const [token] = w.host.log().match(/(?<=::stop-commands::)\w+/) ?? [];
    expect(w.host.lines().slice(2)).toEqual([
      '::group::Starting',
      'Starting the task on stack test-1.',
      '::endgroup::',
      '::group::Running on stack test-1',
      `::stop-commands::${token}`,
      'one',
      'two',
      'three',
      `::${token}::`,
      '::endgroup::',
      'The command succeeded.',
      `Report: http://berth.test/${w.latest()}`,
    ]);
    expect(w.host.outputs).toMatchObject({
      'workflow-id': w.latest(),
      state: 'succeeded',
      conclusion: 'success',
      'exit-code': '0',
      'stack-name': 'test-1',
      'duration-seconds': '10',
      'tests-total': '',
    });
  });

  it('fails as the run does, with failed tests marked and a summary of them', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(
      () => w.begin(),
      () =>
        w.end({
          outcome: 'failed',
          exitCode: 1,
          tests: { total: 20, passed: 5, failed: 13, skipped: 2, durationSeconds: 3 },
          failures: Array.from({ length: 13 }, (_, index) => ({
            name: `adds ${index} | <b> (a*b)`,
            group: 'sum',
            file: 'test/sum.test.ts',
            line: 7 + index,
            message: `expected ${index}`,
            // Most tools repeat the message, some with other line ends.
            details:
              ['Error: expected 0\n    at sum.ts:1', 'Error: expected\n  1\n    at sum.ts:1'][index] ??
              'at sum.ts:1',
          })),
        }),
    );
    const failure = await run(w.deps, settingsFor('run'));
    expect(failure).toMatch(/^13 of 20 tests failed/);
    expect(w.host.annotations).toHaveLength(10);
    expect(w.host.annotations[0]).toEqual({
      message: 'Error: expected 0\n    at sum.ts:1',
      place: { title: 'sum: adds 0 | <b> (a*b)', file: 'test/sum.test.ts', startLine: 7 },
    });
    expect(w.host.annotations[1]?.message).toBe('Error: expected\n  1\n    at sum.ts:1');
    expect(w.host.lines()).toContain('3 more failed. The summary and the report list them.');
    expect(w.host.outputs).toMatchObject({
      'tests-total': '20',
      'tests-failed': '13',
      conclusion: 'failure',
    });
    expect(w.host.summary()).toContain('20 (5 passed, 13 failed, 2 skipped)');
    // GitHub reads no Markdown there, so nothing is escaped with backslashes.
    expect(w.host.summary()).toContain(
      '<summary>sum: adds 0 | &lt;b&gt; (a*b) (test/sum.test.ts:7)</summary>',
    );
    const [beforeFacts] = w.host.summary().split('| Branch');
    expect(beforeFacts).toContain('First failure: `adds 0');
  });

  it('passes where a failed run is not among the ends that fail it', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(() => w.end({ outcome: 'failed', exitCode: 1 }));
    const failure = await run(w.deps, settingsFor('run', { 'fail-on': 'error, timed-out' }));
    expect(failure).toBeUndefined();
    expect(w.host.outputs.conclusion).toBe('failure');
  });

  it('is one run for one attempt, however often the step is repeated', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(() => w.end());
    await run(w.deps, settingsFor('run'));
    const first = w.host.outputs['workflow-id'];
    await run(w.deps, settingsFor('run'));
    expect(w.host.outputs['workflow-id']).toBe(first);
    expect(w.berth.tasks.launched).toHaveLength(1);
  });

  it('continues after an outage of 30 seconds', async () => {
    const w = await actionWorld();
    let awaySince: number | undefined;
    w.host.meanwhile = async () => {
      const second = (w.host.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000;
      if (second < 2) return w.begin();
      if (awaySince === undefined) {
        w.print('before');
        awaySince = second + 3;
        return;
      }
      if (second >= awaySince + 30) {
        w.setAway(false);
        w.print('after');
        awaySince = Number.POSITIVE_INFINITY;
        await w.end();
      } else if (second >= awaySince) w.setAway(true);
    };
    const failure = await run(w.deps, settingsFor('run'));
    expect(failure).toBeUndefined();
    const lines = w.host.lines();
    expect(lines.filter((line) => line === 'before' || line === 'after')).toEqual(['before', 'after']);
    expect(w.host.log()).toContain('Berth does not answer (connection refused). Retrying');
    expect(w.host.log()).toMatch(/Berth answers again after 3\d s/);
    expect(w.berth.tasks.launched).toHaveLength(1);
  });

  it('waits in line, and says how many are before it', async () => {
    const w = await actionWorld();
    const client = await w.berth.client(w.project);
    const { body: held } = await client.post('/requestStack', { holder: 'somebody' });
    w.host.meanwhile = sequence(async () => {
      await client.post('/releaseStack', { stackName: held.stackName });
      await w.berth.settle();
      await w.end();
    });
    await run(w.deps, settingsFor('run'));
    expect(w.host.log()).toContain('::group::Waiting\nNo stack is available. Position in the queue: 1.\n');
  });

  it('waits for a stack no longer than wait-for-stack allows, and leaves no run behind', async () => {
    const w = await actionWorld();
    const client = await w.berth.client(w.project);
    await client.post('/requestStack', { holder: 'somebody' });
    w.host.meanwhile = () => w.berth.settle();
    const failure = await run(w.deps, settingsFor('run', { 'wait-for-stack': '5s' }));
    expect(failure).toBe('No stack is available within the time that wait-for-stack allows.');
    expect(w.host.outputs.state).toBe('cancelled');
  });

  it('cancels the run when the workflow is canceled', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(
      () => w.begin(),
      () => w.cancel(),
      async () => {
        await w.berth.settle();
        await w.end({ outcome: 'cancelled', exitCode: null });
      },
    );
    const failure = await run(w.deps, settingsFor('run'));
    expect(failure).toBe('The workflow was canceled.');
    expect(w.host.outputs.conclusion).toBe('cancelled');
    expect(w.host.state.left).toBe('{}');
  });

  it('leaves the run to itself where it does not wait', async () => {
    const w = await actionWorld();
    const failure = await run(w.deps, settingsFor('run', { wait: 'false' }));
    expect(failure).toBeUndefined();
    expect(w.host.outputs).toMatchObject({
      'workflow-id': w.latest(),
      conclusion: '',
      state: 'provisioning',
    });
    expect(w.host.state.left).toBe('{}');
  });

  it('shows only the log of a failed run with logs: on-failure', async () => {
    const w = await actionWorld();
    w.print('a line');
    w.host.meanwhile = sequence(() => w.end({ outcome: 'failed', exitCode: 1 }));
    await run(w.deps, settingsFor('run', { logs: 'on-failure' }));
    expect(w.host.lines()).toContain('a line');

    const other = await actionWorld();
    other.print('a line');
    other.host.meanwhile = sequence(() => other.end());
    await run(other.deps, settingsFor('run', { logs: 'on-failure' }));
    expect(other.host.lines()).not.toContain('a line');
  });

  it('follows the retry of a failed run', async () => {
    const w = await actionWorld();
    w.host.meanwhile = sequence(
      () => w.end({ outcome: 'failed', exitCode: 1 }),
      () => w.end(),
    );
    const failure = await run(w.deps, settingsFor('run', { retries: '1' }));
    expect(failure).toBeUndefined();
    expect(w.berth.tasks.launched).toHaveLength(2);
    expect(w.host.outputs).toMatchObject({ 'workflow-id': w.latest(), conclusion: 'success' });
  });

  it('reads a silent run less and less often, and one that prints every second', async () => {
    const w = await actionWorld();
    const waits: number[] = [];
    let before = w.host.now();
    let count = 0;
    w.host.meanwhile = async () => {
      waits.push(w.host.now() - before);
      before = w.host.now();
      count += 1;
      if (count === 1) await w.begin();
      if (count === 30) w.print('at last');
      if (count === 32) await w.end();
    };
    await run(w.deps, settingsFor('run'));
    expect(waits.slice(1, 4)).toEqual([1000, 1250, 1562.5]);
    expect(waits[29]).toBe(15_000);
    expect(waits[30]).toBe(1000);
  });
});

describe('A step that asks how a run stands', () => {
  it('says what Berth says of a run that there is not', async () => {
    const w = await actionWorld();
    await expect(status(w.deps, settingsFor('status', { 'workflow-id': 'unknown' }))).rejects.toThrow(
      /^Workflow not found/,
    );
  });

  it('follows it until it ends with wait: true', async () => {
    const w = await actionWorld();
    await run(w.deps, settingsFor('run', { wait: 'false' }));
    w.print('a line');
    w.host.meanwhile = sequence(() => w.end({ outcome: 'failed', exitCode: 1 }));
    const failure = await status(w.deps, settingsFor('status', { 'workflow-id': w.latest(), wait: 'true' }));
    expect(failure).toMatch(/^The command failed/);
    expect(w.host.lines()).toContain('a line');
  });

  it('shows its state otherwise', async () => {
    const w = await actionWorld();
    await run(w.deps, settingsFor('run', { wait: 'false' }));
    const failure = await status(w.deps, settingsFor('status', { 'workflow-id': w.latest() }));
    expect(failure).toBeUndefined();
    expect(w.host.outputs.state).toBe('provisioning');
  });
});

describe('A step that cancels a run', () => {
  it('says whether there was something to cancel', async () => {
    const w = await actionWorld();
    await run(w.deps, settingsFor('run', { wait: 'false' }));
    const settings = { workflowId: w.latest(), wait: false };
    await cancel(w.deps, settings);
    expect(w.host.lines().at(-1)).toBe(`Run ${w.latest()} is canceled.`);
    await w.end({ outcome: 'cancelled', exitCode: null });
    await cancel(w.deps, settings);
    expect(w.host.lines().at(-1)).toBe(`Run ${w.latest()} has already ended.`);
  });
});
