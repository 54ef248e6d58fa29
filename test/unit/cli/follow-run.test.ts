import { describe, expect, it } from '@jest/globals';
import { type FollowDeps, followRun } from '../../../app/cli/follow-run.ts';
import type { Stack, Workflow } from '../../../app/client/api-types.ts';

/** The fields that a follower reads. */
const run = {
  workflow_id: 'r1',
  state: 'queued',
  exit_code: null,
  summary: null,
  error_code: null,
  stack_name: null,
  waiting: null,
  created_at: '2026-07-01T12:00:00.000Z',
  stopped_at: null,
  run_url: 'http://berth.example/runs/r1',
  report_url: null,
  tests: null,
  suite: 'default',
  branch: 'main',
  sha: null,
  started_at: null,
  attempt: 1,
  retried_by: null,
  repo_url: 'https://git.example/r.git',
  test_command: 'make test',
  setup: null,
  retries: 0,
  executor: null,
  failures: [],
  warnings: [],
} as Partial<Workflow> as Workflow;

interface Moment {
  readonly run?: Partial<Workflow>;
  readonly lines?: readonly string[];
  readonly complete?: boolean;
}

/** A server on which each read of a run is the next moment of its story, and the last lasts. */
function follower(stories: Readonly<Record<string, readonly Moment[]>>) {
  let now = 0;
  const looks = new Map<string, number>();
  const shown: string[] = [];
  const momentOf = (id: string): Moment => {
    const story = stories[id] ?? [];
    return story[Math.min(looks.get(id) ?? 0, story.length) - 1] ?? {};
  };
  const deps: FollowDeps = {
    api: {
      async runStatus(id) {
        looks.set(id, (looks.get(id) ?? 0) + 1);
        return { ...run, workflow_id: id, ...momentOf(id).run };
      },
      run: async (id) => ({ ...run, workflow_id: id, ...momentOf(id).run }),
      async logPage(id) {
        const { lines = [], complete = false } = momentOf(id);
        return { lines: lines.map((text) => ({ text })), cursor: String(looks.get(id)), complete };
      },
      stacks: async () => ({
        stacks: [
          {
            stackName: 'test-1',
            isAvailable: false,
            branch: 'other',
            heldBy: 'pull request #7',
            heldSince: new Date(-180_000).toISOString(),
            leaseUntil: null,
          } as Partial<Stack> as Stack,
        ],
      }),
    },
    transport: {
      now: () => new Date(now),
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
    },
    progress: { show: (text) => shown.push(`… ${text}`), clear: () => {} },
    onLines: (lines) => shown.push(...lines.map(({ text }) => text)),
    onRetry: (next) => shown.push(`again: ${next}`),
  };
  return { deps, shown, elapsed: () => now };
}

describe('following a run', () => {
  it('shows why it waits and who is before it, then its log to the end', async () => {
    const line = {
      state: 'waiting',
      waiting: { reason: 'line', position: 2, stack_name: null, deploy: null, suite: null, group: null },
    } as const;
    const { deps, shown } = follower({
      r1: [
        { run: line },
        { run: { state: 'provisioning', stack_name: 'test-1' } },
        { run: { state: 'running' }, lines: ['one'] },
        { run: { state: 'running' }, lines: ['two'] },
        { run: { state: 'failed', exit_code: 3 }, lines: ['three'], complete: true },
      ],
    });
    expect(await followRun(deps, 'r1')).toMatchObject({ state: 'failed', exit_code: 3 });
    expect(shown).toEqual([
      '… position 2 in the queue for a stack; test-1 is held by pull request #7 for 3 min',
      '… starting on test-1',
      'one',
      'two',
      'three',
    ]);
  });

  it('waits for the last lines of a run that has ended', async () => {
    const ended = { run: { state: 'succeeded' } } as const;
    const { deps, shown } = follower({
      r1: [ended, ended, { ...ended, lines: ['late'] }, { ...ended, complete: true }],
    });
    await followRun(deps, 'r1');
    expect(shown).toEqual(['late']);
  });

  it('does not wait indefinitely for a log that never completes', async () => {
    const { deps, elapsed } = follower({ r1: [{ run: { state: 'errored' } }] });
    expect(await followRun(deps, 'r1')).toMatchObject({ state: 'errored' });
    expect(elapsed()).toBeLessThan(20_000);
  });

  it('continues with the retry of a failed run', async () => {
    const failed = { state: 'failed', retries: 1, attempt: 1 } as const;
    const { deps, shown } = follower({
      r1: [{ run: { ...failed, retried_by: 'r2' }, complete: true }],
      r2: [{ run: { state: 'succeeded', attempt: 2, retries: 1 }, lines: ['better'], complete: true }],
    });
    expect(await followRun(deps, 'r1')).toMatchObject({ workflow_id: 'r2', state: 'succeeded' });
    expect(shown).toEqual(['again: r2', 'better']);
  });

  it('does not wait for another attempt after the last one', async () => {
    const { deps, elapsed } = follower({
      r1: [{ run: { state: 'failed', retries: 1, attempt: 2 }, complete: true }],
    });
    expect(await followRun(deps, 'r1')).toMatchObject({ state: 'failed' });
    expect(elapsed()).toBe(0);
  });

  it('polls a silent run less often', async () => {
    const quiet = Array.from({ length: 40 }, () => ({ run: { state: 'running' } }) as const);
    const { deps, elapsed } = follower({ r1: [...quiet, { run: { state: 'succeeded' }, complete: true }] });
    await followRun(deps, 'r1');
    expect(elapsed() / quiet.length).toBeGreaterThan(1000);
  });
});
