import { describe, expect, it } from '@jest/globals';
import { LostRace } from '../../../app/core/model/errors.ts';
import { holder, type ProjectId } from '../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import type { Run } from '../../../app/core/model/run.ts';
import { finish, markRunning, transition } from '../../../app/core/model/run-transitions.ts';
import type { RunFilter, Store } from '../../../app/ports/store.ts';
import { atOnce, found, minute, newProjectId, newRun } from './samples.ts';

/** A run with every field that there is. */
function fullRun(project: ProjectId): Run {
  return newRun(
    project,
    {
      state: 'failed',
      sha: 'a'.repeat(40),
      retryOf: newRun(project).id,
      attempt: 2,
      github: {
        repositoryId: 1,
        installationId: 2,
        owner: 'o',
        repo: 'r',
        headSha: 'b'.repeat(40),
        pullRequest: 7,
        baseBranch: 'release',
        checkRunId: 9,
        published: 'fingerprint',
        attempts: 1,
        retryAt: minute(4),
      },
      startedAt: minute(2),
      finishedAt: minute(4),
      held: { stackName: 'test-1', token: 4, isNew: true, lastDeployedCommit: 'abc' },
      waiting: { reason: 'line', position: 2, stackName: 'test-1' },
      launches: 1,
      task: { executor: 'docker', arn: 'docker:1' },
      taskStatus: {
        arn: 'docker:1',
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        createdAt: minute(1),
        startedAt: minute(2),
        stoppedAt: minute(4),
        stoppedReason: 'Essential container in task exited',
        exitCode: 1,
        failure: { code: 'out_of_memory', message: 'Give it more.', retryable: false },
      },
      phases: [
        { name: 'fetch', startedAt: '2031-01-01T12:02:00.000Z', finishedAt: '2031-01-01T12:03:00.000Z' },
      ],
      cancel: { at: minute(3), reason: 'enough', by: 'alice' },
      stop: { at: minute(3), because: 'cancelled' },
      missingSince: minute(3),
      outcome: {
        exitCode: 1,
        summary: '1 of 2 tests failed: "ünï\u0000cødé"',
        errorCode: 'out_of_memory',
        tests: { total: 2, passed: 1, failed: 1, skipped: 0, durationSeconds: 0.25 },
        failures: [{ name: 't', group: 'g', file: 'a.ts', line: 3, message: 'm', details: '' }],
        warnings: [{ code: 'junit_malformed', message: 'x' }],
        artifacts: [{ path: 'a.txt', sizeBytes: 3, isReport: false }],
        logTail: ['', 'last'],
        hasReport: true,
        costUsd: 0.0012,
      },
      settledAt: minute(5),
      retriedBy: newRun(project).id,
    },
    {
      setup: 'npm ci',
      note: 'The command was guessed.',
      image: 'node:20',
      ephemeralStorageGib: 30,
      stack: { holder: holder.pullRequest(7), name: 'test-1', hold: 'pull_request', shares: true },
    },
  );
}

/** Runs, their lists and their due times. */
export function runsContract(store: () => Store): void {
  const ids = (runs: readonly Run[]): string[] => runs.map((run) => run.id);
  const list = async (project: ProjectId, filter: RunFilter = {}, limit = 100): Promise<string[]> =>
    ids((await store().runs.list(project, filter, { limit })).items);

  describe('a run', () => {
    it('notes that the task of a run runs, without a read of the run', async () => {
      const { runs } = store();
      const change = {
        state: 'provisioning',
        dueAt: minute(9),
        task: { executor: 'fargate', arn: 'task:1' },
      } as const;
      const { run } = await runs.create(newRun(newProjectId(), change));
      const status = {
        arn: 'task:1',
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        startedAt: minute(2),
      } as const;
      expect(await runs.noteStarted(run.id, { ...status, arn: 'task:2' }, minute(3))).toBeUndefined();
      // A run that is due is looked at.
      expect(await runs.noteStarted(run.id, status, minute(9))).toBeUndefined();
      const noted = await runs.noteStarted(run.id, status, minute(3));
      expect(noted).toEqual({
        ...markRunning(run, status, minute(3)),
        revision: 2,
        updatedAt: minute(3),
      });
      expect(await runs.get(run.id)).toEqual(noted);
      expect(await runs.noteStarted(run.id, status, minute(3))).toBeUndefined();
      await expect(runs.save(run, minute(4))).rejects.toThrow(LostRace);
      const { items } = await runs.list(run.projectId, { states: ['running'] }, { limit: 5 });
      expect(items).toEqual([noted]);
      const saved = await runs.save(found(noted), minute(4));
      expect(await runs.get(run.id)).toEqual(saved);
    });

    it.each([
      ['is canceled', { cancel: { at: minute(1), reason: 'enough' } }],
      ['is being stopped', { stop: { at: minute(1), because: 'not_started' } }],
      ['was missing', { missingSince: minute(1) }],
      ['has ended', { state: 'cancelled' }],
    ] as const)('reads a run that %s before it notes that its task runs', async (_, change) => {
      const { runs } = store();
      const task = { executor: 'fargate', arn: 'task:1' };
      const { run } = await runs.create(
        newRun(newProjectId(), { state: 'provisioning', dueAt: minute(9), task, ...change }),
      );
      const status = { arn: 'task:1', lastStatus: 'RUNNING', desiredStatus: 'RUNNING' } as const;
      expect(await runs.noteStarted(run.id, status, minute(3))).toBeUndefined();
      expect(await runs.get(run.id)).toEqual(run);
    });

    it('is stored with all of its fields', async () => {
      const run = fullRun(newProjectId());
      expect(await store().runs.create(run)).toEqual({ run, created: true });
      expect(await store().runs.get(run.id)).toEqual(run);
    });

    it('is not found under another ID', async () => {
      expect(await store().runs.get(newRun(newProjectId()).id)).toBeUndefined();
    });

    it('is created once under an ID; a later creation returns the existing one', async () => {
      const run = newRun(newProjectId());
      const answers = await atOnce(10, (index) =>
        store().runs.create({ ...run, trigger: { kind: 'api', actor: `${index}` } }),
      );
      const made = answers.filter((answer) => answer.created);
      expect(made).toHaveLength(1);
      for (const answer of answers) expect(answer.run).toEqual(made[0]?.run);
    });

    it('replaces the revision that was read, and increases its revision', async () => {
      const { run } = await store().runs.create(newRun(newProjectId()));
      const saved = await store().runs.save(transition(run, 'provisioning', minute(3)), minute(3));
      expect(saved).toEqual({
        ...run,
        state: 'provisioning',
        stateSince: minute(3),
        milestones: { provisioning: minute(3) },
        updatedAt: minute(3),
        revision: saved.revision,
      });
      expect(saved.revision).toBeGreaterThan(run.revision);
      expect(await store().runs.get(run.id)).toEqual(saved);
    });

    it('does not replace a newer revision', async () => {
      const { run } = await store().runs.create(newRun(newProjectId()));
      const saved = await store().runs.save(run, minute(2));
      await expect(store().runs.save({ ...run, sha: 'stale' }, minute(3))).rejects.toThrow(LostRace);
      expect(await store().runs.get(run.id)).toEqual(saved);
    });

    it('is written by one of twenty writers with the same revision', async () => {
      const { run } = await store().runs.create(newRun(newProjectId()));
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => store().runs.save({ ...run, sha: `${index}` }, minute(2))),
      );
      expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
    });

    it('that does not exist cannot be written', async () => {
      const run = newRun(newProjectId());
      await expect(store().runs.save(run, minute(2))).rejects.toThrow(LostRace);
      expect(await store().runs.get(run.id)).toBeUndefined();
    });

    it('loses fields that the new revision lacks', async () => {
      const { run } = await store().runs.create(
        newRun(newProjectId(), { waiting: { reason: 'line', position: 1 } }),
      );
      const { waiting: _, dueAt: __, ...rest } = run;
      await store().runs.save(rest, minute(2));
      const read = found(await store().runs.get(run.id));
      expect(read).not.toHaveProperty('waiting');
      expect(read).not.toHaveProperty('dueAt');
    });

    it('can have results that exceed an item', async () => {
      const project = newProjectId();
      const { run } = await store().runs.create(newRun(project));
      const outcome = {
        ...outcomeWithoutResult('100 tests failed'),
        failures: Array.from({ length: 100 }, (_, index) => ({
          name: `test ${index}`,
          group: 'g',
          message: 'expected\nfound '.repeat(400),
          details: '    at "somewhere" \u00e9\n'.repeat(400),
        })),
        logTail: Array.from({ length: 100 }, () => 'x'.repeat(2000)),
      };
      await store().runs.save(finish(run, 'errored', outcome, minute(2)), minute(2));
      const read = found(await store().runs.get(run.id));
      expect(read.outcome?.summary).toBe('100 tests failed');
      expect(read.outcome?.failures.map((failure) => failure.name)).toEqual(
        outcome.failures.map((failure) => failure.name),
      );
    });
  });

  describe('the list of runs', () => {
    it('is newest first, and of one project', async () => {
      const project = newProjectId();
      const runs = [3, 1, 2].map((at) => newRun(project, { createdAt: minute(at) }));
      for (const run of [...runs, newRun(newProjectId())]) await store().runs.create(run);
      expect(await list(project)).toEqual([runs[0]?.id, runs[2]?.id, runs[1]?.id]);
    });

    it('shows each run as it is now', async () => {
      const project = newProjectId();
      const { run } = await store().runs.create(fullRun(project));
      const saved = await store().runs.save(run, minute(9));
      expect((await store().runs.list(project, {}, { limit: 10 })).items).toEqual([saved]);
    });

    it('can be read page by page, also while it grows', async () => {
      const project = newProjectId();
      const runs = [1, 2, 3, 4, 5].map((at) => newRun(project, { createdAt: minute(at) }));
      for (const run of runs) await store().runs.create(run);
      const first = await store().runs.list(project, {}, { limit: 2 });
      await store().runs.create(newRun(project, { createdAt: minute(9) }));
      const second = await store().runs.list(project, {}, { limit: 2, cursor: found(first.cursor) });
      const third = await store().runs.list(project, {}, { limit: 2, cursor: found(second.cursor) });
      expect([first, second, third].flatMap((page) => ids(page.items))).toEqual(ids(runs).reverse());
      expect(third.cursor).toBeUndefined();
    });

    it('finds runs created before a time, exclusively', async () => {
      const project = newProjectId();
      const runs = [1, 2, 3].map((at) => newRun(project, { createdAt: minute(at) }));
      for (const run of runs) await store().runs.create(run);
      expect(await list(project, { before: minute(3) })).toEqual([runs[1]?.id, runs[0]?.id]);
      expect(await list(project, { before: minute(3), suite: 'unit' })).toHaveLength(2);
      expect(await list(project, { since: minute(2) })).toEqual([runs[2]?.id, runs[1]?.id]);
      expect(await list(project, { since: minute(2), before: minute(3) })).toEqual([runs[1]?.id]);
      expect(await list(project, { since: minute(3), before: minute(2) })).toEqual([]);
    });

    it('finds runs created before the year 10000', async () => {
      const project = newProjectId();
      const run = newRun(project, { createdAt: minute(1) });
      await store().runs.create(run);
      const before = new Date(Date.UTC(10_000, 0, 1));
      expect(await list(project, { before })).toEqual([run.id]);
      expect(await list(project, { since: before })).toEqual([]);
    });

    it('finds by branch, suite, state, commit, and actor', async () => {
      const project = newProjectId();
      const plain = newRun(project, { createdAt: minute(1) });
      const special = newRun(
        project,
        {
          createdAt: minute(2),
          state: 'errored',
          sha: 'c'.repeat(40),
          trigger: { kind: 'push', actor: 'bob' },
        },
        { branch: 'feature/x', suite: 'e2e' },
      );
      for (const run of [plain, special]) await store().runs.create(run);
      expect(await list(project, { branch: 'feature/x' })).toEqual([special.id]);
      expect(await list(project, { branch: 'feature' })).toEqual([]);
      expect(await list(project, { suite: 'e2e' })).toEqual([special.id]);
      expect(await list(project, { sha: 'c'.repeat(40) })).toEqual([special.id]);
      expect(await list(project, { sha: 'c'.repeat(7) })).toEqual([special.id]);
      expect(await list(project, { sha: `${'c'.repeat(6)}d` })).toEqual([]);
      expect(await list(project, { actor: 'alice' })).toEqual([plain.id]);
      expect(await list(project, { states: ['errored', 'failed'] })).toEqual([special.id]);
      expect(await list(project, { states: ['queued', 'errored'] })).toEqual([special.id, plain.id]);
      expect(await list(project, { states: [] })).toEqual([]);
      expect(await list(project, { branch: 'main', actor: 'bob' })).toEqual([]);
    });

    it('finds by part of the branch, suite, commit, command, or ID', async () => {
      const project = newProjectId();
      const run = newRun(
        project,
        { createdAt: minute(1), sha: 'abc123'.padEnd(40, '0') },
        { branch: 'feature/Login', suite: 'smoke', command: 'make check' },
      );
      await store().runs.create(run);
      await store().runs.create(newRun(project, { createdAt: minute(2) }));
      for (const text of ['ture/Log', 'mok', 'bc123', 'ake che', run.id.slice(2), 'feature/login']) {
        expect(await list(project, { text })).toEqual([run.id]);
      }
      expect(await list(project, { text: 'no such text' })).toEqual([]);
    });

    it('filters by the pull request, the trigger and the stack', async () => {
      const project = newProjectId();
      const run = newRun(project, {
        createdAt: minute(1),
        trigger: { kind: 'pull_request' },
        github: {
          repositoryId: 1,
          installationId: 2,
          owner: 'acme',
          repo: 'shop',
          headSha: 'a'.repeat(40),
          pullRequest: 12,
        },
        held: { stackName: 'test-1', token: 3, isNew: false },
      });
      await store().runs.create(run);
      await store().runs.create(newRun(project, { createdAt: minute(2) }));
      expect(await list(project, { pullRequest: 12 })).toEqual([run.id]);
      expect(await list(project, { pullRequest: 1 })).toEqual([]);
      expect(await list(project, { trigger: 'pull_request' })).toEqual([run.id]);
      expect(await list(project, { stack: 'test-1' })).toEqual([run.id]);
      expect(await list(project, { stack: 'test-' })).toEqual([]);
      expect(await list(project, { stack: 'test-1', trigger: 'pull_request', pullRequest: 12 })).toEqual([
        run.id,
      ]);
    });

    it('finds a run by its new state', async () => {
      const project = newProjectId();
      const { run } = await store().runs.create(newRun(project));
      await store().runs.save(transition(run, 'provisioning', minute(2)), minute(2));
      expect(await list(project, { states: ['queued'] })).toEqual([]);
      expect(await list(project, { states: ['provisioning'] })).toEqual([run.id]);
    });

    it('finds rare runs among many, following the cursor', async () => {
      const project = newProjectId();
      const rare = newRun(project, { createdAt: minute(1) }, { branch: 'rare' });
      await store().runs.create(rare);
      for (let at = 2; at < 40; at += 1)
        await store().runs.create(newRun(project, { createdAt: minute(at) }));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store().runs.list(
          project,
          { branch: 'rare' },
          { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
        );
        seen.push(...ids(page.items));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual([rare.id]);
    });

    it('is read only from a valid cursor', async () => {
      const project = newProjectId();
      for (const cursor of ['', 'x', '%%%', Buffer.from('{"a":1}').toString('base64url'), 'é'.repeat(5000)]) {
        await expect(store().runs.list(project, {}, { limit: 2, cursor })).rejects.toMatchObject({
          code: 'cursor_invalid',
        });
      }
    });

    it('never leads into another project, whichever cursor is given', async () => {
      const [mine, other] = [newProjectId(), newProjectId()];
      for (let at = 1; at < 4; at += 1) {
        await store().runs.create(newRun(mine, { createdAt: minute(at) }));
        await store().runs.create(newRun(other, { createdAt: minute(at) }));
      }
      const { cursor } = await store().runs.list(other, {}, { limit: 1 });
      const page = await store().runs.list(mine, {}, { limit: 10, cursor: found(cursor) });
      for (const run of page.items) expect(run.projectId).toBe(mine);
    });
  });

  it('finds when the run at a place of the list was created', async () => {
    const [project, other] = [newProjectId(), newProjectId()];
    for (const at of [2, 1, 3]) await store().runs.create(newRun(project, { createdAt: minute(at) }));
    await store().runs.create(newRun(other, { createdAt: minute(4) }));
    const places = [1, 3, 4].map((place) => store().runs.createdAtPlace(project, place));
    expect(await Promise.all(places)).toEqual([minute(3), minute(1), undefined]);
  });

  describe('the active runs of a project', () => {
    it('are those that have not ended, oldest first', async () => {
      const project = newProjectId();
      const runs = [2, 1, 3].map((at) => newRun(project, { createdAt: minute(at) }));
      for (const run of [...runs, newRun(newProjectId())]) await store().runs.create(run);
      expect(await store().runs.listActiveIds(project)).toEqual([runs[1]?.id, runs[0]?.id, runs[2]?.id]);
      expect(ids(await store().runs.listActive(project))).toEqual([runs[1]?.id, runs[0]?.id, runs[2]?.id]);

      const first = found(await store().runs.get(found(runs[1]).id));
      await store().runs.save(
        finish(first, 'cancelled', outcomeWithoutResult('enough'), minute(5)),
        minute(5),
      );
      expect(await store().runs.listActiveIds(project)).toEqual([runs[0]?.id, runs[2]?.id]);
      const both = [found(runs[2]).id, newRun(project).id, found(runs[0]).id];
      expect(ids(await store().runs.getAll(both))).toEqual([runs[2]?.id, runs[0]?.id]);
      expect(ids(await store().runs.listActive(project))).toEqual([runs[0]?.id, runs[2]?.id]);
    });
  });

  describe('a due run', () => {
    it('is one whose time has come, ended or not', async () => {
      const project = newProjectId();
      const soon = newRun(project, { dueAt: minute(3) });
      const late = newRun(project, { dueAt: minute(8), state: 'succeeded' });
      const { dueAt: _, ...never } = newRun(project, { state: 'succeeded' });
      const mine = new Set<string>([soon.id, late.id, never.id]);
      for (const run of [soon, late, never]) await store().runs.create(run);
      const due = async (now: Date) => (await store().runs.due(now, 10_000)).filter((id) => mine.has(id));
      expect(await due(minute(2))).toEqual([]);
      expect(await due(minute(3))).toEqual([soon.id]);
      expect(await due(minute(9))).toEqual([soon.id, late.id]);
      await store().runs.save({ ...soon, dueAt: minute(20) }, minute(4));
      expect(await due(minute(9))).toEqual([late.id]);
    });

    it('is listed up to a limit, the longest due first', async () => {
      const project = newProjectId();
      const early = new Date(Date.UTC(2001, 0, 1));
      const runs = [3, 1, 2].map((seconds) =>
        newRun(project, { dueAt: new Date(early.getTime() + seconds * 1000) }),
      );
      for (const run of runs) await store().runs.create(run);
      expect(await store().runs.due(minute(0), 2)).toEqual([runs[1]?.id, runs[2]?.id]);
      for (const run of runs) {
        const { dueAt: _, ...done } = run;
        await store().runs.save(done, minute(1));
      }
    });
  });
}
