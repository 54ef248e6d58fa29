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
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../../helpers/github-stand-in/state.ts';

describe('showing runs as check runs on GitHub', () => {
  let github: GithubStandIn;
  let repository: RepositoryState;
  let target: GithubTarget;
  let checks: Checks;

  beforeEach(async () => {
    github = await startGithubStandIn();
    repository = await github.addRepository({ name: 'shop', files: { 'a.txt': 'a' } });
    const headSha = (await repository.git.resolve('main')) ?? '';
    target = { repositoryId: repository.id, installationId: 77, owner: 'octo-org', repo: 'shop', headSha };
    const app = await githubAppAt(github);
    checks = githubChecks({
      github: app,
      log: silentLog,
      viewOf: async (run) => checkView(run, { links: { run: 'https://berth.example/runs/01RUN' } }),
      deployments: githubDeployments({ github: app }),
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
    const { target: second } = await checks.publish(aRun({ state: 'running' }), target);
    expect(repository.checkRuns).toHaveLength(1);
    expect(repository.checkRuns[0]).toMatchObject({ id: second.checkRunId, status: 'in_progress' });
  });

  it('creates a separate check run for a retest', async () => {
    await checks.publish(anEndedRun('failed', {}), target);
    await checks.publish({ ...aRun(), id: '01NEXT' as Run['id'] }, target);
    expect(repository.checkRuns.map((one) => one.externalId)).toEqual(['01RUN', '01NEXT']);
  });

  it('adds annotations in batches of 50, each once, also after an interruption', async () => {
    const failures = Array.from({ length: 100 }, (_, index) =>
      aFailure({ name: `test ${index}`, line: index + 1 }),
    );
    const run = anEndedRun('failed', { failures });
    github.faults.push({ method: 'PATCH', path: /check-runs/, response: { status: 502 } });
    await expect(checks.publish(run, target)).rejects.toThrow();
    expect(repository.checkRuns[0]?.annotations).toHaveLength(50);
    await checks.publish(run, target);
    expect(repository.checkRuns[0]?.annotations.map((one) => one.start_line)).toEqual(
      failures.map((one) => one.line),
    );
    expect(repository.checkRuns[0]?.output?.text).toContain('## 100 failed tests');
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

  it('gives up silently if the commit is gone', async () => {
    const { target: after, retryAt } = await checks.publish(aRun(), { ...target, headSha: 'f'.repeat(40) });
    expect([after.checkRunId, retryAt]).toEqual([undefined, undefined]);
    expect(after.published).toBeDefined();
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
        statuses: [
          { state: 'in_progress', environment_url: 'https://test-1.example.com/' },
          { state: 'success', environment_url: 'https://test-1.example.com/' },
        ],
      },
    ]);
  });

  it('shows the check without the permission for deployments', async () => {
    delete github.state.permissions.deployments;
    const { target: after } = await checks.publish(
      aRun({ state: 'running', held: { stackName: 'test-1', token: 1, isNew: false } }),
      target,
    );
    expect(after.checkRunId).toBeDefined();
    expect(ask(/deployments/).length).toBeGreaterThan(0);
  });
});
