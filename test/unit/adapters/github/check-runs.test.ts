import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubChecks } from '../../../../app/adapters/github/check-runs.ts';
import { githubDeployments } from '../../../../app/adapters/github/deployments.ts';
import { holder } from '../../../../app/core/model/ids.ts';
import type { GithubTarget, Run } from '../../../../app/core/model/run.ts';
import { checkView } from '../../../../app/core/results/check-view.ts';
import type { Checks } from '../../../../app/ports/checks.ts';
import { aFailure, anEndedRun, aRun } from '../../../helpers/a-run.ts';
import { githubAppAt, silentLog } from '../../../helpers/github-app-at.ts';
import { primaryRateLimit, secondaryRateLimit } from '../../../helpers/github-stand-in/faults.ts';
import { memoryGit } from '../../../helpers/github-stand-in/memory-git.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../../helpers/github-stand-in/state.ts';
import { type FakeClock, fakeClock } from '../../../helpers/memory-deps.ts';

describe('showing runs as check runs on GitHub', () => {
  let github: GithubStandIn;
  let repository: RepositoryState;
  let target: GithubTarget;
  let checks: Checks;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = fakeClock(new Date().toISOString());
    github = await startGithubStandIn({ createGit: memoryGit });
    repository = await github.addRepository({ name: 'shop', files: { 'a.txt': 'a' } });
    const headSha = (await repository.git.resolve('main')) ?? '';
    target = { repositoryId: repository.id, installationId: 77, owner: 'octo-org', repo: 'shop', headSha };
    const app = await githubAppAt(github);
    checks = githubChecks({
      github: app,
      clock,
      log: silentLog,
      viewOf: async (run) => checkView(run, { links: { run: 'https://berth.example/runs/01RUN' } }),
      deployments: githubDeployments({ github: app, clock }),
    });
  });
  afterEach(() => github.close());

  const ask = (path: RegExp): string[] => github.requests.filter((request) => path.test(request));

  it('follows a run from queued to completed in one check run', async () => {
    let at = target;
    for (const run of [
      aRun(),
      aRun({ state: 'running' }),
      anEndedRun('failed', { failures: [aFailure()] }),
    ]) {
      at = (await checks.publish(run, at)).target;
    }
    expect(repository.checkRuns).toHaveLength(1);
    expect(repository.checkRuns[0]).toMatchObject({
      name: 'berth/unit',
      externalId: '01RUN',
      history: ['queued', 'in_progress', 'failure'],
      detailsUrl: 'https://berth.example/runs/01RUN',
      annotations: [{ path: 'src/cart.test.ts', start_line: 14 }],
    });
  });

  it('publishes nothing twice', async () => {
    const { target: first } = await checks.publish(aRun(), target);
    const before = github.requests.length;
    await checks.publish(aRun(), first);
    expect(github.requests.length).toBe(before);
  });

  it('finds a check run whose creation got no response', async () => {
    github.faults.push({ method: 'POST', path: /check-runs$/, response: 'lost' });
    await expect(checks.publish(aRun(), target)).rejects.toThrow();
    clock.advance(6);
    const running = aRun({ state: 'running' });
    const { target: second } = await checks.publish(running, target, { mayExist: true });
    expect(repository.checkRuns).toHaveLength(1);
    expect(repository.checkRuns[0]).toMatchObject({ id: second.checkRunId, status: 'in_progress' });
  });

  it('creates a separate check run for a retest', async () => {
    await checks.publish(anEndedRun('failed', {}), target);
    await checks.publish({ ...aRun(), id: '01NEXT' as Run['id'] }, target);
    expect(repository.checkRuns.map((one) => one.externalId)).toEqual(['01RUN', '01NEXT']);
  });

  it('adds annotations in batches of 50, each once, even after an interruption', async () => {
    const failures = Array.from({ length: 100 }, (_, index) =>
      aFailure({ name: `test ${index}`, line: index + 1 }),
    );
    const run = anEndedRun('failed', { failures });
    github.faults.push({ method: 'PATCH', path: /check-runs/, response: { status: 502 } });
    await expect(checks.publish(run, target)).rejects.toThrow();
    expect(repository.checkRuns[0]?.annotations).toHaveLength(50);
    clock.advance(6);
    await checks.publish(run, target, { mayExist: true });
    expect(repository.checkRuns[0]?.annotations.map((one) => one.start_line)).toEqual(
      failures.map((one) => one.line),
    );
    expect(repository.checkRuns[0]?.output?.text).toContain('## 100 failed tests');
  });

  it('remembers a check run that it created before GitHub delayed the next call', async () => {
    const failures = Array.from({ length: 60 }, (_, index) => aFailure({ line: index + 1 }));
    const run = anEndedRun('failed', { failures });
    github.faults.push({ method: 'PATCH', path: /check-runs/, response: secondaryRateLimit(30) });
    const { target: delayed, retryAt } = await checks.publish(run, target);
    expect(retryAt).toBeDefined();
    expect(delayed).toMatchObject({ checkRunId: repository.checkRuns[0]?.id });
    expect(delayed.published).toBeUndefined();
  });

  it('retries when GitHub says so, and sends nothing until then', async () => {
    github.faults.push({ path: /check-runs/, response: secondaryRateLimit(30) });
    const before = Date.now();
    const { retryAt } = await checks.publish(aRun(), target);
    expect(retryAt?.getTime()).toBeGreaterThanOrEqual(before + 30_000);
    const asked = github.requests.length;
    const again = await checks.publish(aRun({ state: 'running' }), target);
    expect(again.retryAt).toEqual(retryAt);
    expect(github.requests.length).toBe(asked);
  });

  it('waits for the reset of an exhausted quota', async () => {
    const reset = new Date(Math.ceil(Date.now() / 1000) * 1000 + 120_000);
    github.faults.push({ path: /check-runs/, response: primaryRateLimit(reset) });
    const { retryAt } = await checks.publish(aRun(), target);
    expect(retryAt).toEqual(new Date(reset.getTime() + 1000));
  });

  it('leaves a GitHub failure to be retried', async () => {
    github.faults.push({ path: /check-runs/, response: { status: 503 } });
    await expect(checks.publish(aRun(), target)).rejects.toMatchObject({ status: 503 });
  });

  it.each([403, 404, 422])('leaves a refusal (%d) to be tried again: it may pass', async (status) => {
    const { target: first } = await checks.publish(aRun(), target);
    github.faults.push({ path: /check-runs/, response: { status } });
    const ended = anEndedRun('succeeded', {});
    await expect(checks.publish(ended, first)).rejects.toMatchObject({ status });
    clock.advance(6);
    const { target: second } = await checks.publish(ended, first);
    expect(repository.checkRuns).toMatchObject([{ id: second.checkRunId, conclusion: 'success' }]);
  });

  it('creates a check run again that is gone', async () => {
    const { target: first } = await checks.publish(aRun(), target);
    repository.checkRuns.length = 0;
    const { target: second } = await checks.publish(anEndedRun('failed', {}), first);
    expect(repository.checkRuns).toMatchObject([{ id: second.checkRunId, conclusion: 'failure' }]);
    expect(second.checkRunId).not.toBe(first.checkRunId);
  });

  it('is complete though a check run that it replaced is gone', async () => {
    const { target: at } = await checks.publish(aRun(), { ...target, replaced: [4711] });
    expect(at.published).toBeDefined();
    expect(at.replaced).toBeUndefined();
  });

  it('asks once for all runs of an installation while GitHub fails', async () => {
    github.faults.push({ path: /check-runs/, times: 9, response: { status: 503 } });
    await expect(checks.publish(aRun(), target)).rejects.toThrow();
    const asked = github.requests.length;
    const other = await checks.publish({ ...aRun(), id: '01OTHER' as Run['id'] }, target);
    expect(other.retryAt).toEqual(new Date(clock.now().getTime() + 5_000));
    expect(github.requests.length).toBe(asked);
  });

  it('writes what only changes the wording less and less often', async () => {
    const created = clock.now();
    const waiting = (position: number) =>
      aRun({ state: 'waiting', createdAt: created, waiting: { reason: 'line', position } });
    let at = (await checks.publish(waiting(9), target)).target;
    const before = ask(/check-runs/).length;
    for (let second = 0; second < 7200; second += 20) {
      clock.advance(20);
      at = (await checks.publish(waiting(13 - Math.floor(second / 600)), at)).target;
    }
    expect(ask(/check-runs/).length - before).toBe(1);
    await checks.publish(aRun({ state: 'running', createdAt: created }), at);
    expect(ask(/check-runs/).length - before).toBe(2);
  });

  it('shows which commit has which stack, once for each run', async () => {
    const held = { stackName: 'test-1', token: 1, isNew: false };
    const stack = {
      holder: holder.pullRequest(7),
      hold: 'pull_request' as const,
      shares: false,
      url: 'https://{stack}.example.com/',
    };
    let at = target;
    for (const run of [
      aRun({ state: 'running', held }, { stack }),
      anEndedRun('succeeded', {}, { held }, { stack }),
    ]) {
      at = (await checks.publish(run, at)).target;
    }
    expect(repository.deployments).toMatchObject([
      {
        environment: 'berth/test-1',
        sha: target.headSha,
        statuses: [{ state: 'success', environment_url: 'https://test-1.example.com/' }],
      },
    ]);
  });

  it('creates another deployment if a person deleted the one of a run', async () => {
    const held = { stackName: 'test-1', token: 1, isNew: false };
    const stack = {
      holder: holder.branch('topic'),
      hold: 'branch' as const,
      shares: false,
      url: 'https://{stack}',
    };
    const { target: at } = await checks.publish(aRun({ state: 'running', held }, { stack }), target);
    const [deleted] = repository.deployments.splice(0);
    const ended = await checks.publish(anEndedRun('failed', {}, { held }, { stack }), at);
    expect(repository.deployments).toMatchObject([
      { environment: 'berth/test-1', statuses: [{ state: 'failure' }] },
    ]);
    expect(ended.target.deployment).toEqual({ id: repository.deployments[0]?.id, state: 'failure' });
    expect(repository.deployments[0]?.id).not.toBe(deleted?.id);
  });

  it('shows the check without the permission for deployments', async () => {
    delete github.state.permissions.deployments;
    const { target: after } = await checks.publish(
      aRun(
        { state: 'running', held: { stackName: 'test-1', token: 1, isNew: false } },
        { stack: { holder: holder.branch('topic'), hold: 'branch', shares: false, url: 'https://{stack}' } },
      ),
      target,
    );
    expect(after.checkRunId).toBeDefined();
    expect(ask(/deployments/).length).toBeGreaterThan(0);
  });
});
