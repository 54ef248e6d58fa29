import { beforeEach, describe, expect, it } from '@jest/globals';
import { runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { Run, RunSpec } from '../../../../app/core/model/run.ts';
import { type NoticeSettings, noticeOf } from '../../../../app/core/results/notices.ts';
import { monthOf } from '../../../../app/lib/month.ts';
import { aFailure, anEndedRun } from '../../../helpers/a-run.ts';
import { type World, world } from '../../../helpers/memory-deps.ts';

let w: World;
let project: Project;
let count: number;

beforeEach(async () => {
  w = world();
  project = await w.project({}, 'shop');
  count = 0;
});

/** Stores an ended run of a branch, each a minute younger than the one before, and returns its messages. */
async function ended(
  state: Run['state'],
  change: Partial<Run> = {},
  spec: Partial<RunSpec> = {},
  settings: NoticeSettings = {},
): Promise<string | undefined> {
  count += 1;
  const createdAt = new Date(Date.parse('2026-11-02T10:00:00Z') + count * 60_000);
  const failures = state === 'failed' ? [aFailure()] : [];
  const run = anEndedRun(
    state,
    { failures },
    { id: runId(`run${count}`), projectId: project.id, createdAt, ...change },
    { branch: 'main', ...spec },
  );
  await w.deps.store.runs.create(run);
  return noticeOf(w.deps, settings, { type: 'RunFinished', run });
}

describe('messages about runs', () => {
  it('say that a suite of the branch failed, with a link, the first failure and the commit', async () => {
    const commit = { message: 'Add <b>prices</b> & more', author: 'dana' };
    const text = await ended('failed', { commit });
    expect(text?.split('\n')).toEqual([
      ':x: <http://berth.test/runs/run1|unit> failed on *main* of shop: The command failed with exit code 1',
      '> adds up the prices',
      '0123456 Add &lt;b&gt;prices&lt;/b&gt; &amp; more (dana)',
    ]);
  });

  it('say that it passes again, once', async () => {
    await ended('failed');
    expect(await ended('succeeded')).toMatch(/^:white_check_mark: .* passes again on \*main\*/);
    expect(await ended('succeeded')).toBeUndefined();
  });

  it('are about Berth and time limits too, and not about what was canceled or skipped', async () => {
    expect(await ended('errored')).toBeDefined();
    expect(await ended('timed_out')).toBeDefined();
    expect(await ended('cancelled')).toBeUndefined();
    expect(await ended('skipped')).toBeUndefined();
  });

  it('wait for the last automatic retry', async () => {
    expect(await ended('failed', { attempt: 1 }, { retries: 1 })).toBeUndefined();
    expect(await ended('failed', { attempt: 2 }, { retries: 1 })).toBeDefined();
  });

  it('say nothing about a failure that an automatic retry made good', async () => {
    await ended('succeeded');
    await ended('failed', { attempt: 1 }, { retries: 1 });
    expect(await ended('succeeded', { attempt: 2 }, { retries: 1 })).toBeUndefined();
  });

  it('say why Berth could not run the tests', async () => {
    const outcome = anEndedRun('errored', { summary: 'The branch main does not exist.' }).outcome;
    const text = await ended('errored', outcome === undefined ? {} : { outcome });
    expect(text?.split('\n')[1]).toBe('> The branch main does not exist.');
  });

  it('are about chosen branches only, and about no tag and no branch of a fork', async () => {
    const settings = { branches: ['release/*'] };
    expect(await ended('failed', {}, { branch: 'topic' })).toBeUndefined();
    expect(await ended('failed', {}, { branch: 'main' }, settings)).toBeUndefined();
    expect(await ended('failed', {}, { branch: 'release/1' }, settings)).toBeDefined();
    expect(await ended('failed', {}, { untrusted: true })).toBeUndefined();
    const tag = { kind: 'git', url: 'https://github.com/o/r.git', ref: 'refs/tags/main' } as const;
    expect(await ended('failed', {}, { source: tag })).toBeUndefined();
  });

  it('do not report an old commit after a newer one has its verdict', async () => {
    await ended('succeeded');
    const old = new Date('2026-11-02T09:00:00Z');
    expect(await ended('failed', { createdAt: old })).toBeUndefined();
  });

  it('mention no one, whatever a test is called', async () => {
    const outcome = anEndedRun('failed', { failures: [aFailure({ name: '<!channel> *x*' })] }).outcome;
    const text = (await ended('failed', outcome === undefined ? {} : { outcome })) ?? '';
    expect(text).toContain('&lt;!channel&gt;');
  });

  it('mention no one and hide no address on services that read Markdown', async () => {
    const commit = { message: 'for @all, @here: [docs](http://evil.example) ![](http://evil.example/x.png)' };
    const text = (await ended('failed', { commit })) ?? '';
    expect(text).not.toMatch(/@\w/);
    expect(text).not.toContain('](');
  });

  it('cut a long name between characters', async () => {
    const outcome = anEndedRun('failed', { failures: [aFailure({ name: `${'x'.repeat(298)}<b>` })] }).outcome;
    const text = (await ended('failed', outcome === undefined ? {} : { outcome })) ?? '';
    expect(text.split('\n')[1]).toBe(`> ${'x'.repeat(298)}&lt;…`);
  });
});

describe('other messages', () => {
  it('say that a stack is dirty', async () => {
    const now = w.clock.now();
    const stack = {
      projectId: project.id,
      number: 1,
      stackName: 'my_test-1',
      branch: 'main',
      token: 1,
      revision: 1,
    };
    const times = { created: now, modified: now, lastRequested: now, activeRuns: [] };
    const text = await noticeOf(w.deps, {}, { type: 'StackDirty', stack: { ...stack, ...times } });
    expect(text).toContain('of shop is dirty');
    expect(text).toContain(`\`berth stacks teardown my_test-1 --project ${project.id}\``);
  });

  it('report a budget, of a project or of all', async () => {
    const month = monthOf(w.clock.now());
    const budget = {
      scope: 'project',
      month,
      monthlyUsd: 10,
      usedUsd: 8.4,
      action: 'stop',
      state: 'near',
    } as const;
    const event = { type: 'BudgetReached', projectId: project.id, budget } as const;
    expect(await noticeOf(w.deps, {}, event)).toContain(
      'of shop cost $8.40 in 2026-01: 84% of the budget of $10.00.',
    );
    const all = { ...budget, scope: 'installation', usedUsd: 11, state: 'exceeded' } as const;
    expect(await noticeOf(w.deps, {}, { type: 'BudgetReached', budget: all })).toMatch(
      /of all projects cost .* Berth refuses new runs\.$/,
    );
  });
});
