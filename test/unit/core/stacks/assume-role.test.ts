import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Holder, holder, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { renewUploads } from '../../../../app/core/runs/renew-uploads.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import type { RoleSessionRequest } from '../../../../app/ports/role-sessions.ts';
import { jobOf, specOf, type World, world } from '../../../helpers/memory-deps.ts';

const role = 'arn:aws:iam::123456789012:role/deployer';
let w: World;
let project: Project;
let requests: RoleSessionRequest[];

beforeEach(async () => {
  requests = [];
  w = world({
    deps: {
      roles: {
        async assume(request) {
          requests.push(request);
          const expiresAt = new Date(w.clock.now().getTime() + request.durationSeconds * 1000);
          return { accessKeyId: `A${requests.length}`, secretAccessKey: 's', sessionToken: 't', expiresAt };
        },
      },
    },
  });
  project = await w.project({ maxStacks: 1 });
});

async function started(name: string, owner: Holder, change: Partial<Run['spec']> = {}): Promise<Run> {
  const stack = { holder: owner, hold: 'pull_request' as const, shares: true };
  const spec = specOf({ role, stack, branch: name, ...change });
  await startRun(w.deps, { project, id: runId(name), spec, trigger: { kind: 'api' } });
  await w.settle();
  return current(name);
}

async function current(name: string): Promise<Run> {
  const run = await w.deps.store.runs.get(runId(name));
  if (run === undefined) throw new Error(`no run ${name}`);
  return run;
}

const renewed = async (name: string) => {
  const { launches } = await current(name);
  return renewUploads(w.deps, { runId: runId(name), launch: launches }, `${name}/${launches}`);
};

describe('the credentials of a role', () => {
  it('carry project, stack, branch and fencing token, and come with the job', async () => {
    const run = await started('topic', holder.branch('topic'));
    expect(requests).toEqual([
      {
        role,
        externalId: project.id,
        name: `berth-test-1-${run.held?.token}-topic`,
        tags: {
          'berth:project': project.id,
          'berth:stack': 'test-1',
          'berth:branch': 'api:topic',
          'berth:token': String(run.held?.token),
          'berth:run': 'topic',
        },
        durationSeconds: 3600,
      },
    ]);
    const expiration = new Date(w.clock.now().getTime() + 3_600_000).toISOString();
    expect(jobOf(w, run.id).credentials).toEqual({
      AccessKeyId: 'A1',
      SecretAccessKey: 's',
      Token: 't',
      Expiration: expiration,
    });
    expect(JSON.stringify(w.tasks.launched)).not.toContain('A1');
  });

  it('are renewed while the hold lives, and refused after it', async () => {
    await started('first', holder.branch('first'));
    w.clock.advance(3000);
    expect((await renewed('first')).credentials?.AccessKeyId).toBe('A2');
    // Its turn was ended, as if the task were lost, and the next branch has the stack while the first task still runs.
    const stack = await w.deps.store.stacks.get(project.id, 1);
    if (stack === undefined) throw new Error('no stack');
    const { hold: _, ...free } = stack;
    await w.deps.store.stacks.save({ ...free, activeRuns: [] }, stack);
    await started('second', holder.branch('second'));
    expect(requests.at(-1)?.tags).toMatchObject({ 'berth:stack': 'test-1', 'berth:branch': 'api:second' });
    const late = await renewed('first');
    expect(late.credentials).toBeUndefined();
    expect(late.credentialsRefused).toContain('test-1');
    // Its results are still welcome.
    expect(late.uploads.result.url).toContain('result.json');
    expect((await renewed('second')).credentials).toBeDefined();
  });

  it('end with the lease, and are refused when it has expired', async () => {
    const client = holder.client('ci');
    await started('leased', client);
    const leaseUntil = new Date(w.clock.now().getTime() + 1_800_000);
    const stack = await w.deps.store.stacks.get(project.id, 1);
    if (stack?.hold === undefined) throw new Error('no hold');
    await w.deps.store.stacks.save({ ...stack, hold: { ...stack.hold, leaseUntil } }, stack);
    await renewed('leased');
    expect(requests.at(-1)).toMatchObject({ durationSeconds: 1800, endsAt: leaseUntil });
    w.clock.advance(1500);
    await renewed('leased');
    // STS issues no session shorter than 15 minutes: the policy of the session ends it with the lease.
    expect(requests.at(-1)).toMatchObject({ durationSeconds: 900, endsAt: leaseUntil });
    w.clock.advance(301);
    expect((await renewed('leased')).credentialsRefused).toContain('has ended');
  });

  it('are refused to a run that is being stopped', async () => {
    const run = await started('topic', holder.branch('topic'));
    await w.deps.store.runs.save({ ...run, cancel: { at: w.clock.now(), reason: 'newer' } }, w.clock.now());
    expect((await renewed('topic')).credentialsRefused).toContain('being stopped');
  });

  it('are not issued to code of a fork, or without a stack', async () => {
    await started('fork', holder.branch('fork'), { untrusted: true });
    await releaseHolder(w.deps, project, holder.branch('fork'));
    const { stack: _, ...without } = specOf({ role });
    await startRun(w.deps, { project, id: runId('bare'), spec: without, trigger: { kind: 'api' } });
    await w.settle();
    expect(requests).toEqual([]);
    expect(jobOf(w, runId('bare')).credentials).toBeUndefined();
  });

  it('say whether their branch is one of GitHub, which policies can rely on', async () => {
    const github = { repositoryId: 1, installationId: 1, owner: 'o', repo: 'r', headSha: 'a'.repeat(40) };
    const url = 'https://github.com/o/r.git';
    const start = async (name: string, source: Run['spec']['source']) => {
      const stack = { holder: holder.branch('main'), hold: 'run' as const, shares: true };
      const spec = specOf({ role, stack, branch: 'main', source });
      await startRun(w.deps, { project, id: runId(name), spec, trigger: { kind: 'push' }, github });
      await w.settle();
    };
    await start('branch', { kind: 'git', url });
    await start('tag', { kind: 'git', url, ref: 'refs/tags/main' });
    await started('request', holder.branch('main'), { branch: 'main' });
    expect(requests.map(({ tags }) => tags['berth:branch'])).toEqual(['main', 'tag:main', 'api:main']);
  });

  it('have tags that AWS takes, whatever the branch is called', async () => {
    await started('topic', holder.branch('topic'), { branch: `fix#1,é${'x'.repeat(300)}` });
    const value = requests[0]?.tags['berth:branch'] ?? '';
    expect(value).toMatch(/^api:fix_1_éx{1,}\.[0-9a-f]{8}$/);
    expect(value.length).toBeLessThanOrEqual(256);
  });

  it('do not fail a renewal of uploads when AWS does not answer', async () => {
    await started('topic', holder.branch('topic'));
    const roles = { assume: () => Promise.reject(new Error('throttled')) };
    const { launches } = await current('topic');
    const task = { runId: runId('topic'), launch: launches };
    const answer = await renewUploads({ ...w.deps, roles }, task, `topic/${launches}`);
    expect([answer.credentials, answer.credentialsRefused]).toEqual([undefined, undefined]);
    expect(answer.uploads.result.url).toContain('result.json');
  });
});

describe('a role without AWS', () => {
  it('is a warning of the run', async () => {
    const { roles: _, ...deps } = w.deps;
    w = world({ deps: { store: deps.store } });
    const run = await started('topic', holder.branch('topic'));
    expect(jobOf(w, run.id).notices).toEqual([
      { code: 'setting_ignored', message: expect.stringContaining('`role`') },
    ]);
  });
});
