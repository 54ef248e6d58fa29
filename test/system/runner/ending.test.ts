import { access } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { uniqueSleep } from '../../helpers/unique-sleep.ts';
import { makeRepository } from './harness/git-repository.ts';
import { processesWith, until } from './harness/processes.ts';
import { runRunner, startRunner } from './harness/run-runner.ts';
import { startUploadServer } from './harness/upload-server.ts';

let source: GitSource;
beforeAll(async () => {
  const repository = await makeRepository();
  source = { kind: 'git', url: repository.url, branch: 'main' };
});

describe('the time limit', () => {
  const limits = { timeoutSeconds: 1, killGraceSeconds: 1 };

  it('ends the command and everything that it started', async () => {
    const sleep = uniqueSleep();
    // They exit on request, however long a busy machine takes.
    const patient = { timeoutSeconds: 1, killGraceSeconds: 60 };
    const run = await runRunner({ source, limits: patient, command: `${sleep} & ${sleep}` });
    expect(run.exitCode).toBe(124);
    expect(run.result).toMatchObject({ outcome: 'timed_out', signal: 'SIGTERM' });
    expect(await processesWith(sleep)).toEqual([]);
  });

  it('lets the command exit gracefully', async () => {
    // Time enough for a shell to start and set its trap, on any machine.
    const orderly = { timeoutSeconds: 5, killGraceSeconds: 30 };
    const command = 'trap "echo cleaned up; exit 5" TERM; while :; do sleep 0.05; done';
    const run = await runRunner({ source, limits: orderly, command });
    expect(run.lines).toContain('cleaned up');
    expect(run.result).toMatchObject({ outcome: 'timed_out', exitCode: 5 });
  });

  it('kills a command that does not exit on request', async () => {
    const sleep = uniqueSleep();
    const run = await runRunner({
      source,
      // As above: before its trap is set, it exits on request.
      limits: { timeoutSeconds: 5, killGraceSeconds: 1 },
      command: `trap "" TERM; ${sleep} & wait; while :; do sleep 0.05; done`,
    });
    expect(run.result).toMatchObject({ outcome: 'timed_out', signal: 'SIGKILL' });
    expect(await processesWith(sleep)).toEqual([]);
  });

  it('counts the time of setup', async () => {
    const sleep = uniqueSleep();
    const run = await runRunner({ source, limits, setup: sleep, command: 'echo tests' });
    expect(run.lines).toEqual([]);
    expect(run.result.outcome).toBe('timed_out');
  });

  it('reaches processes that have left the process group', async () => {
    const sleep = uniqueSleep();
    const run = await runRunner({ source, limits, command: `setsid sh -c "${sleep}; :" & ${sleep}` });
    expect(run.result.outcome).toBe('timed_out');
    expect(await processesWith(sleep)).toEqual([]);
  });
});

describe('processes that a command leaves behind', () => {
  it('are ended, and do not block the run by keeping the output open', async () => {
    const sleep = uniqueSleep();
    const run = await runRunner({ source, command: `${sleep} & echo done` });
    expect(run.lines).toEqual(['done']);
    expect(run.result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(await processesWith(sleep)).toEqual([]);
  });

  it('are ended even if they left the process group and closed their output', async () => {
    const sleep = uniqueSleep();
    const run = await runRunner({
      source,
      command: `setsid ${sleep} < /dev/null > /dev/null 2>&1 & echo done`,
    });
    expect(run.result.outcome).toBe('succeeded');
    expect(await processesWith(sleep)).toEqual([]);
  });

  it('can finish writing', async () => {
    const run = await runRunner({ source, command: 'exec > >(cat; echo last); echo first' });
    expect(run.lines).toEqual(['first', 'last']);
  });
});

describe('canceling a run', () => {
  /**
   * Seconds on a machine with nothing else to do; here it is not as long as the grace that a suite asks for, or as a
   * server that does not answer.
   */
  const withinMs = 45_000;

  async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
    const start = performance.now();
    return [await work(), performance.now() - start];
  }

  it('during the fetch of the job ends the runner', async () => {
    const server = await startUploadServer();
    server.answer('/job', () => undefined);
    const asked = server.requested('/job');
    const runner = await startRunner({ source }, { server });
    await asked;
    runner.child.kill('SIGTERM');
    await until(() => runner.child.exitCode !== null, 'the runner ends');
    expect(runner.child.exitCode).toBe(143);
    await server.close();
  });

  it('during the checkout ends git', async () => {
    const server = await startUploadServer();
    server.answer('/repository/info/refs', () => undefined);
    const asked = server.requested('/repository/info/refs');
    const url = `${server.url}/repository`;
    const runner = await startRunner({ source: { kind: 'git', url, branch: 'main' } }, { server });
    await asked;
    const [run, ms] = await timed(() => {
      runner.child.kill('SIGTERM');
      return runner.end();
    });
    expect(run.exitCode).toBe(143);
    expect(run.result).toMatchObject({ outcome: 'cancelled', exitCode: null });
    expect(ms).toBeLessThan(withinMs);
    expect(await processesWith(url)).toEqual([]);
  });

  it.each(['setup', 'command'] as const)(
    'during the %s ends it and everything that it started',
    async (phase) => {
      const sleep = uniqueSleep();
      const command = `trap "" TERM; ${sleep} & echo started; while :; do sleep 0.05; done`;
      const runner = await startRunner({ source, limits: { killGraceSeconds: 60 }, [phase]: command });
      await runner.printed('started');
      const [run, ms] = await timed(() => {
        runner.child.kill('SIGTERM');
        return runner.end();
      });
      expect(run.exitCode).toBe(143);
      expect(run.result.outcome).toBe('cancelled');
      expect(ms).toBeLessThan(withinMs);
      expect(await processesWith(sleep)).toEqual([]);
    },
  );

  it('during the upload skips what hangs, and still reports the result', async () => {
    const server = await startUploadServer();
    server.answer('/report', () => undefined);
    const asked = server.requested('/report');
    const runner = await startRunner({ source }, { server });
    await asked;
    const [run, ms] = await timed(() => {
      runner.child.kill('SIGTERM');
      return runner.end();
    });
    expect(run.exitCode).toBe(143);
    expect(run.result).toMatchObject({ outcome: 'cancelled', exitCode: 0 });
    expect(ms).toBeLessThan(withinMs);
  });

  it('exits in time even if no upload works', async () => {
    const server = await startUploadServer();
    for (const path of ['/report', '/result', '/progress']) server.answer(path, () => undefined);
    const runner = await startRunner({ source, command: `echo started; ${uniqueSleep()}` }, { server });
    await runner.printed('started');
    const start = performance.now();
    runner.child.kill('SIGTERM');
    await until(() => runner.child.exitCode !== null, 'the runner ends');
    expect(performance.now() - start).toBeLessThan(withinMs);
    expect(runner.child.exitCode).toBe(143);
    await server.close();
  });

  it('kills immediately on the second request', async () => {
    const sleep = uniqueSleep();
    const runner = await startRunner({
      source,
      command: `(trap "" TERM; ${sleep}) & trap "echo asked" TERM; echo started; while :; do sleep 0.05; done`,
      limits: { killGraceSeconds: 60 },
    });
    await runner.printed('started');
    runner.child.kill('SIGINT');
    // Two pending signals arrive in any order, and the exit code is that of the first.
    await runner.printed('asked');
    runner.child.kill('SIGTERM');
    const run = await runner.end();
    expect(run.exitCode).toBe(130);
    expect(run.result.outcome).toBe('cancelled');
    expect(await processesWith(sleep)).toEqual([]);
  });

  it('leaves no new files in the work directory', async () => {
    const runner = await startRunner({ source, command: `echo started; ${uniqueSleep()}` });
    await runner.printed('started');
    runner.child.kill('SIGTERM');
    await runner.end();
    await expect(access(`${runner.workDirectory}/runner`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
