import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { holder, projectId, runId } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import { retestRun } from '../../../app/core/runs/retest-run.ts';
import { retestSuites } from '../../../app/core/runs/retest-suites.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { createSweep } from '../../../app/core/runs/sweep.ts';
import { requestStack } from '../../../app/core/stacks/request-stack.ts';
import { reserveStack } from '../../../app/core/stacks/reserve-stack.ts';
import { aRun } from '../../helpers/a-run.ts';
import { secondaryRateLimit } from '../../helpers/github-stand-in/faults.ts';
import type { CheckRunState, PullState } from '../../helpers/github-stand-in/state.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';
import { installedGithub, passTime } from '../../helpers/installed-github.ts';
import { type FakeClock, fakeClock, specOf } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;
const settings = (more = '') => ({
  '.github/berth.yml': `${more}suites: { unit: { command: npm test } }\n`,
});

async function start(files: Record<string, string> = settings()): Promise<void> {
  ({ w, clock } = await installedGithub(files));
}
beforeEach(() => start());
afterEach(() => w.close());

const id = () => projectId(`gh-${w.repository.id}`);
const activeRuns = async () => (await w.runs()).filter(isActive);
const unit = (sha: string) => w.checksOf(sha)['berth/unit'];
const conclusionOf = (sha: string) => unit(sha)?.conclusion ?? unit(sha)?.status;
const ref = (name: string) => `refs/heads/${name}`;
const stackOf = async (branch: string) =>
  (await w.deps.store.stacks.list(id())).find(({ hold }) => hold?.holder === holder.branch(branch))
    ?.stackName;
const held = async () => (await w.deps.store.stacks.list(id())).filter(({ hold }) => hold !== undefined);

const pass = (seconds = 60): Promise<void> => passTime({ w, clock }, seconds);

/** Every test passes, and nothing is left to do. */
async function rest(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await pass();
    for (const run of await activeRuns()) if (run.task !== undefined) await w.finish(run);
  }
}

/** Makes a change whose events are never delivered, not even by a redelivery. */
async function lost<Result>(work: () => Promise<Result>): Promise<Result> {
  const { webhookUrl } = w.github.state;
  w.github.state.webhookUrl = undefined;
  const result = await work();
  w.github.state.webhookUrl = webhookUrl;
  w.github.state.deliveries.length = 0;
  return result;
}

const moveTo = (branch: string, sha: string) => w.github.people.reset(w.repository, branch, sha);
const open = (branch: string, more = {}) =>
  w.github.people.openPullRequest(w.repository, { branch, ...more });
const change = (pull: PullState, action: 'closed' | 'reopened') =>
  w.github.people.changePullRequest(w.repository, pull, action);
const push = (branch: string, files: Record<string, string> = { 'a.txt': String(Math.random()) }) =>
  w.github.people.push(w.repository, branch, files);
const say = async (pull: PullState, body: string): Promise<string | undefined> => {
  await w.github.people.comment(w.repository, pull, body, { by: 'dana' });
  await w.settle();
  const answer = w.repository.comments.findLast(({ author }) => author === 'berth[bot]');
  return answer?.body.split('\n\n<!--')[0];
};

describe('the head commit of a branch has its verdict', () => {
  it('after a force push back to an older commit', async () => {
    const a = await push('topic');
    await pass();
    const b = await push('topic');
    await w.settle();
    await moveTo('topic', a);
    await rest();
    expect([conclusionOf(a), conclusionOf(b)]).toEqual(['success', 'cancelled']);
  });

  it.each(['heard', 'lost'])(
    'after its pull request was closed and reopened (the event %s)',
    async (event) => {
      const sha = await push('topic');
      const pull = await open('topic');
      await w.settle();
      await change(pull, 'closed');
      await w.settle();
      if (event === 'heard') await change(pull, 'reopened');
      else {
        await lost(() => change(pull, 'reopened'));
        await catchUp(w.deps);
      }
      await rest();
      expect(conclusionOf(sha)).toBe('success');
      expect(await stackOf('topic')).toBe('test-1');
    },
  );

  it('after it was deleted and created again at the same commit', async () => {
    const sha = await push('topic');
    await w.settle();
    await w.github.people.deleteBranch(w.repository, 'topic');
    await w.settle();
    await w.repository.git.setRef(ref('topic'), sha);
    await moveTo('topic', sha);
    await open('topic');
    await rest();
    expect(conclusionOf(sha)).toBe('success');
  });

  it('after a merge group was fast-forwarded into the default branch while it was tested', async () => {
    await push('topic');
    const pull = await open('topic');
    await w.settle();
    const sha = await w.github.people.queueForMerge(w.repository, pull);
    await w.settle();
    await w.github.people.leaveQueue(w.repository, pull, 'merged');
    await moveTo('main', sha);
    await rest();
    expect(conclusionOf(sha)).toBe('success');
    expect((await w.runs()).find((run) => run.sha === sha && run.state === 'succeeded')?.spec.branch).toBe(
      'main',
    );
    expect(await held()).toEqual([]);
  });

  it.each(['while both run', 'after both ran', 'before the end of the first is shown'])(
    'if another branch at the same commit ends %s',
    async (when) => {
      const sha = await push('first');
      await w.settle();
      await w.repository.git.setRef(ref('second'), sha);
      await moveTo('second', sha);
      await w.settle();
      if (when === 'after both ran') {
        for (const run of await activeRuns()) {
          const outcome = run.spec.branch === 'second' ? 'failed' : 'succeeded';
          await w.finish(run, { outcome, exitCode: outcome === 'failed' ? 1 : 0 });
        }
      }
      await w.github.people.deleteBranch(w.repository, 'second');
      if (when === 'before the end of the first is shown') {
        await push('third');
        await w.settle();
        const of = new Map((await activeRuns()).map((run) => [run.spec.branch, run]));
        const finish = async (branch: string, result = {}) => {
          const run = of.get(branch);
          if (run !== undefined) await w.finish(run, result);
        };
        await finish('second', { outcome: 'cancelled', exitCode: 143 });
        // The error of one check run makes those of others wait.
        w.github.faults.push({ method: 'PATCH', path: /check-runs/, response: { status: 502 } });
        await finish('third');
        await finish('first');
        // Less than that wait.
        await pass(1);
      }
      await rest();
      expect(conclusionOf(sha)).toBe('success');
      expect(w.repository.checkRuns.filter(({ status }) => status !== 'completed')).toEqual([]);
    },
  );

  it('if it was merged by a fast-forward, and its branch deleted', async () => {
    const sha = await push('topic');
    const pull = await open('topic');
    await w.settle();
    await moveTo('main', sha);
    await change(pull, 'closed');
    await w.github.people.deleteBranch(w.repository, 'topic');
    await rest();
    expect(conclusionOf(sha)).toBe('success');
    expect(await held()).toEqual([]);
  });

  it('if the push was lost', async () => {
    const sha = await lost(() => push('topic'));
    await catchUp(w.deps);
    await rest();
    expect(conclusionOf(sha)).toBe('success');
  });
});

describe('a closed branch', () => {
  it('gets no check by "Re-run" on the check of its merged pull request', async () => {
    const sha = await push('topic');
    const pull = await open('topic');
    await rest();
    await change(pull, 'closed');
    await rest();
    const before = w.repository.checkRuns.length;
    await w.github.people.press(w.repository, unit(sha) as CheckRunState, undefined, { by: 'dana' });
    await rest();
    expect(w.repository.checkRuns.length).toBe(before);
  });

  it('frees its stack for the next one though its event was lost', async () => {
    await w.close();
    await start(settings('stack: { maxStacks: 1 }\n'));
    await push('first');
    const first = await open('first');
    await rest();
    const sha = await push('second');
    await open('second');
    await pass();
    expect(await stackOf('first')).toBe('test-1');
    await lost(() => change(first, 'closed'));
    // Only the sweep runs. It checks a branch that holds a stack again.
    await rest();
    expect(await stackOf('second')).toBe('test-1');
    expect(conclusionOf(sha)).toBe('success');
  });

  it('holds nothing after it was deleted while it was tested', async () => {
    await push('topic');
    await open('topic');
    await w.settle();
    await lost(async () => {
      Object.assign(w.repository.pulls[0] ?? {}, { state: 'closed' });
      await w.github.people.deleteBranch(w.repository, 'topic');
    });
    await rest();
    expect(await held()).toEqual([]);
    expect(await activeRuns()).toEqual([]);
  });
});

describe('a push and the pull request opened from it', () => {
  it('are one: commands reach its run, and closing ends it', async () => {
    await push('topic');
    await w.settle();
    const [run] = await activeRuns();
    const pull = await open('topic');
    await w.settle();
    expect((await w.runs()).map((one) => one.id)).toEqual([run?.id]);
    expect(await say(pull, '/stack')).toMatch(/^This pull request holds `test-1`/);
    await change(pull, 'closed');
    await rest();
    expect((await w.runs())[0]).toMatchObject({ state: 'cancelled' });
    expect(await held()).toEqual([]);
  });

  it('are one: /cancel cancels the run of the push', async () => {
    await push('topic');
    await w.settle();
    const pull = await open('topic');
    await say(pull, '/cancel');
    expect((await w.runs())[0]?.cancel?.by).toBe('dana');
  });

  it('hold a stack, whether the run of the push has ended or not', async () => {
    await push('running');
    await w.settle();
    await open('running');
    await rest();
    await push('ended');
    await rest();
    expect(await stackOf('ended')).toBeUndefined();
    await open('ended');
    await rest();
    expect([await stackOf('running'), await stackOf('ended')].sort()).toEqual(['test-1', 'test-2']);
  });
});

describe('an installation', () => {
  const project = () => w.deps.store.projects.get(id());
  const removed = (installation: number) =>
    w.github.webhooks.send('installation_repositories', {
      action: 'removed',
      installation: { id: installation, account: { login: 'octo-org' } },
      repositories_added: [],
      repositories_removed: [{ id: w.repository.id, name: 'shop', full_name: 'octo-org/shop' }],
      sender: { login: 'dana', id: 7, type: 'User' },
    });

  it('that was suspended and resumed has its pull requests tested and held again', async () => {
    await push('topic');
    await open('topic');
    await rest();
    w.github.state.suspended = true;
    const event = { installation: { id: w.github.state.installationId }, sender: { login: 'dana' } };
    await w.github.webhooks.send('installation', { action: 'suspend', ...event });
    await rest();
    expect(await held()).toEqual([]);
    w.github.state.suspended = false;
    await w.github.webhooks.send('installation', { action: 'unsuspend', ...event });
    await rest();
    expect(await stackOf('topic')).toBe('test-1');
  });

  describe('that is suspended', () => {
    const suspend = async () => {
      w.github.state.suspended = true;
      const event = { installation: { id: w.github.state.installationId }, sender: { login: 'dana' } };
      await w.github.webhooks.send('installation', { action: 'suspend', ...event });
      await w.settle();
    };
    const stored = async () => {
      const found = await project();
      if (found === undefined) throw new Error('no project');
      return found;
    };

    it('gives no stack to a client', async () => {
      await suspend();
      const request = {
        project: await stored(),
        holder: holder.client('deploy'),
        branch: 'main',
        wait: true,
      };
      await expect(requestStack(w.deps, request)).rejects.toMatchObject({ code: 'project_suspended' });
      expect(await held()).toEqual([]);
    });

    const startLate = async (before: Project, deps: Partial<typeof w.deps> = {}) => {
      const stack = { holder: holder.run(runId('late')), shares: false, hold: 'run' as const };
      const more = { id: runId('late'), project: before, trigger: { kind: 'api' as const } };
      await startRun({ ...w.deps, ...deps }, { ...more, spec: specOf({ stack }) });
      await w.settle();
    };

    it('begins no run of a request from before', async () => {
      const before = await stored();
      await suspend();
      await startLate(before, { enqueue: () => {} });
      await pass();
      const outcome = { summary: 'The GitHub App was removed from the repository.' };
      const ended = { state: 'cancelled', launches: 0, outcome };
      expect(await w.deps.store.runs.get(runId('late'))).toMatchObject(ended);
      expect(await held()).toEqual([]);
    });

    it('ends a run that such a request began', async () => {
      const before = await stored();
      await suspend();
      await startLate(before);
      expect(await activeRuns()).toHaveLength(1);
      await catchUp(w.deps);
      await rest();
      expect(await activeRuns()).toEqual([]);
      expect(await held()).toEqual([]);
    });

    it('does not hold a stack any longer than its reservation', async () => {
      await push('topic');
      await open('topic');
      await rest();
      const reservation = { by: 'dana', reason: 'a demo', seconds: 3600 };
      await reserveStack(w.deps, { project: await stored(), stackName: 'test-1', ...reservation });
      await suspend();
      await rest();
      expect(await stackOf('topic')).toBe('test-1');
      clock.advance(3600);
      await rest();
      expect(await held()).toEqual([]);
    });
  });

  it.each([
    ['late', () => w.github.state.installationId],
    ['of another installation', () => 4711],
  ])('keeps its repository after an event of its removal that is %s', async (_, installation) => {
    await removed(installation());
    await w.settle();
    expect((await project())?.suspendedAt).toBeUndefined();
  });

  it('has its pool settings applied though GitHub failed when the project was made', async () => {
    await w.close();
    clock = fakeClock(new Date().toISOString());
    w = await githubWorld({ files: settings('stack: { prefix: qa-, maxStacks: 1 }\n'), clock });
    w.github.faults.push({ path: /shop\/contents/, times: 2, response: { status: 502 } });
    await w.github.people.install();
    await rest();
    expect((await project())?.settings).toMatchObject({ prefix: 'qa-', maxStacks: 1 });
  });
});

/** A list has an item less when another one ended between two of its pages: the later ones move up. */
describe('a list of GitHub that misses something', () => {
  const withGithub = (part: Partial<GithubWorld['deps']['github']>) => ({
    ...w.deps,
    github: { ...w.deps.github, ...part },
  });
  const withoutPulls = () =>
    withGithub({ pullRequests: { ...w.deps.github.pullRequests, listOpen: async () => [] } });
  const withoutBranches = () =>
    withGithub({
      repositories: { ...w.deps.github.repositories, listBranches: async () => new Map() },
    });
  const withoutRepositories = () =>
    withGithub({
      repositories: {
        ...w.deps.github.repositories,
        listInstalled: jest
          .fn(w.deps.github.repositories.listInstalled)
          .mockImplementationOnce(async () => []),
      },
    });

  it.each([
    ['a pull request', withoutPulls],
    ['a branch', withoutBranches],
    ['a repository', withoutRepositories],
  ])('ends nothing: %s', async (_, missing) => {
    const pushed = await push('pushed');
    const sha = await push('topic');
    await open('topic');
    await w.settle();
    await catchUp(missing());
    await rest();
    expect(await stackOf('topic')).toBeDefined();
    expect((await w.runs()).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect([conclusionOf(pushed), conclusionOf(sha)]).toEqual(['success', 'success']);
  });

  it('ends nothing: a pull request of a fork', async () => {
    const isOpen = async () => (await w.deps.store.branches.listOpen(id())).map(({ name }) => name);
    await push('evil');
    await open('evil', { by: 'mallory', fork: 'mallory' });
    await w.settle();
    expect(await isOpen()).toContain('evil');
    await catchUp(withoutPulls());
    expect(await isOpen()).toContain('evil');
  });
});

describe('a clock that was a day ahead, and was set back', () => {
  it.each([
    ['of an outage', { status: 502 }],
    ['of a rate limit', secondaryRateLimit(60)],
  ])('keeps nothing waiting for a day because %s', async (_, response) => {
    const sweepRuns = createSweep(w.deps);
    clock.advance(86_400);
    await sweepRuns();
    w.github.faults.push({ path: /check-runs/, times: 1000, response });
    const sha = await push('topic');
    const pull = await open('topic');
    await w.settle();
    w.github.faults.length = 0;
    clock.advance(-86_400);
    for (let round = 0; round < 4; round += 1) {
      await sweepRuns();
      await pass(20);
      for (const run of await activeRuns()) if (run.task !== undefined) await w.finish(run);
    }
    expect(conclusionOf(sha)).toBe('success');
    await change(pull, 'closed');
    await pass(20);
    expect(await held()).toEqual([]);
  });
});

describe('a refusal of GitHub', () => {
  it.each([403, 404, 422])(
    '(%d) of a check run is not the end: it is shown within a minute after',
    async (status) => {
      w.github.faults.push({ path: /check-runs/, times: 1000, response: { status } });
      const sha = await push('topic');
      await rest();
      expect(unit(sha)).toBeUndefined();
      w.github.faults.length = 0;
      await pass(61);
      expect(conclusionOf(sha)).toBe('success');
    },
  );

  it('after an hour of outage and of rate limits leaves no check in progress', async () => {
    const sha = await push('topic');
    await pass();
    w.github.faults.push({
      method: 'PATCH',
      path: /check-runs/,
      times: 1000,
      response: { status: 403, headers: { 'retry-after': '30' }, message: 'secondary rate limit' },
    });
    for (const run of await activeRuns()) await w.finish(run);
    for (let minute = 0; minute < 60; minute += 1) await pass();
    expect(conclusionOf(sha)).toBe('in_progress');
    w.github.faults.length = 0;
    await pass(61);
    expect(conclusionOf(sha)).toBe('success');
  });

  it('to show the repository ends nothing: it was transferred, or is hidden for a while', async () => {
    const sha = await push('topic');
    await pass();
    expect(conclusionOf(sha)).toBe('in_progress');
    w.github.faults.push({
      path: /repos\/octo-org\/shop(\/|$)/,
      times: 10_000,
      response: { status: 404, message: 'Not Found' },
    });
    // A late event makes Berth check the branch.
    const late = { repositoryName: 'shop', sender: 'dana', ref: 'topic', ref_type: 'branch' };
    w.github.people.notify('delete', late);
    for (let minute = 0; minute < 2; minute += 1) await pass();
    await catchUp(w.deps);
    expect((await activeRuns()).map(({ cancel }) => cancel)).toEqual([undefined]);
    w.github.faults.length = 0;
    await rest();
    expect(conclusionOf(sha)).toBe('success');
  });

  it('to answer at all for an hour costs a minute after it', async () => {
    w.github.faults.push({ path: /repos/, times: 10_000, response: { status: 502 } });
    const sha = await push('topic');
    for (let minute = 0; minute < 60; minute += 1) await pass();
    expect(unit(sha)).toBeUndefined();
    w.github.faults.length = 0;
    await pass(61);
    expect(conclusionOf(sha)).toBe('in_progress');
  });

  it('of one redelivery leaves the others', async () => {
    const { webhookUrl } = w.github.state;
    w.github.state.webhookUrl = undefined;
    const sha = await push('topic');
    w.github.state.webhookUrl = webhookUrl;
    w.github.faults.push({ method: 'POST', path: /attempts/, response: { status: 422 } });
    expect((await catchUp(w.deps)).redelivered).toBeGreaterThan(0);
    await rest();
    expect(conclusionOf(sha)).toBe('success');
  });

  it('of a reaction does not keep a command from being run', async () => {
    await push('topic');
    const pull = await open('topic');
    await w.settle();
    // The run ends after the pull request was opened, and not at the same moment.
    clock.advance(1);
    const [run] = await activeRuns();
    await w.finish(run as Run, { outcome: 'failed', exitCode: 1 });
    w.github.faults.push({ method: 'POST', path: /reactions/, response: { status: 404 } });
    await say(pull, '/retest');
    expect(await activeRuns()).toHaveLength(1);
  });
});

describe('the commit of a fork', () => {
  let pull: PullState;
  beforeEach(async () => {
    await w.repository.git.commit('evil', { 'x.txt': 'x' }, { from: 'main' });
    pull = await open('evil', { by: 'mallory', fork: 'mallory' });
    await rest();
  });
  const moveFork = async (): Promise<string> => {
    const before = pull.headSha;
    pull.headSha = await w.repository.git.commit('evil', { 'x.txt': String(Math.random()) });
    await w.repository.git.setRef(`refs/pull/${pull.number}/head`, pull.headSha);
    return before;
  };
  const states = async () => (await w.runs()).map(({ state }) => state);

  it('is approved by the button of its check, and no other is', async () => {
    const check = unit(pull.headSha) as CheckRunState;
    expect(check.conclusion).toBe('action_required');
    await w.github.people.press(w.repository, check, 'approve', { by: 'rin' });
    await w.settle();
    expect(await states()).toEqual(['skipped']);
    const older = await moveFork();
    await w.github.people.press(w.repository, check, 'approve', { by: 'dana' });
    await rest();
    expect(await states()).toEqual(['skipped', 'skipped']);
    expect(w.repository.comments.at(-1)?.body).toContain(older.slice(0, 12));
    const newer = unit(pull.headSha) as CheckRunState;
    await w.github.people.press(w.repository, newer, 'approve', { by: 'dana' });
    await rest();
    expect(conclusionOf(pull.headSha)).toBe('success');
    expect(w.repository.comments.at(-1)?.body).toContain(`Approved \`${pull.headSha}\``);
  });

  it('is approved by /ok-to-test with its name, only while it is the head', async () => {
    const older = await moveFork();
    expect(await say(pull, `/ok-to-test ${older}`)).toContain('is not the latest commit');
    expect(await say(pull, `/ok-to-test ${pull.headSha.slice(0, 8)}`)).toContain(
      `Approved \`${pull.headSha}\``,
    );
    await rest();
    expect(conclusionOf(pull.headSha)).toBe('success');
  });

  it('is not approved by the beginning of a name that another of its commits has too', async () => {
    const older = pull.headSha;
    const twin = `${older.slice(0, 12)}${'0'.repeat(28)}`;
    await w.deps.store.runs.create(
      aRun({ id: runId('TWIN'), projectId: id(), sha: twin, state: 'skipped' }, { untrusted: true }),
    );
    expect(await say(pull, `/ok-to-test ${older.slice(0, 12)}`)).toContain('several commits');
    expect(await states()).toEqual(expect.not.arrayContaining(['queued', 'running', 'provisioning']));
    expect(await say(pull, `/ok-to-test ${older}`)).toContain(`Approved \`${older}\``);
  });

  it('is approved with an answer, though its author wrote the mark of that answer before', async () => {
    const check = unit(pull.headSha) as CheckRunState;
    const [run] = await w.runs();
    await w.github.people.comment(w.repository, pull, `<!-- berth approval-${run?.id} -->`, {
      by: 'mallory',
    });
    await w.github.people.press(w.repository, check, 'approve', { by: 'dana' });
    await rest();
    expect(w.repository.comments.at(-1)?.body).toContain(`Approved \`${pull.headSha}\``);
  });

  it('runs by no other way', async () => {
    const [run] = await w.runs();
    const project = await w.deps.store.projects.get(id());
    if (run === undefined || project === undefined) throw new Error('nothing was refused');
    const request = { project, trigger: { kind: 'api', actor: 'key' } as const, key: 'k' };
    await expect(retestRun(w.deps, { ...request, run })).rejects.toMatchObject({ code: 'not_approved' });
    const all = await retestSuites(w.deps, { ...request, sha: pull.headSha, which: ['unit'] });
    expect(all).toMatchObject({ started: [], refused: ['unit'] });
    await w.github.people.press(w.repository, unit(pull.headSha) as CheckRunState, undefined, { by: 'dana' });
    await w.github.people.press(w.repository, unit(pull.headSha) as CheckRunState, 'retest', { by: 'dana' });
    await say(pull, '/retest all');
    await say(pull, '/retest unit');
    await rest();
    expect(new Set(await states())).toEqual(new Set(['skipped']));
  });

  describe('that is started by its URL or its commit, as the REST API and the action do,', () => {
    const own = 'https://github.com/octo-org/shop.git';
    const started = async (url: string, sha?: string) => {
      const project = await w.deps.store.projects.get(id());
      if (project === undefined) throw new Error('no project');
      const spec = specOf({ source: { kind: 'git', url }, branch: 'evil' });
      const request = { project, spec, trigger: { kind: 'action' } as const, id: runId(`R${Math.random()}`) };
      return startRun(w.deps, sha === undefined ? request : { ...request, sha });
    };
    const refused = { code: 'not_approved' };

    it.each([
      'https://github.com/mallory/shop.git',
      'https://github.com/Mallory/Shop',
      'https://github.com/mallory/sho%70.git/',
      'git@github.com:mallory/shop.git',
      'ssh://git@github.com/mallory/shop',
    ])('is refused: %s', async (url) => {
      await expect(started(url)).rejects.toMatchObject(refused);
      await expect(started(url, pull.headSha)).rejects.toMatchObject(refused);
      await expect(started(url, 'f'.repeat(40))).rejects.toMatchObject(refused);
    });

    it('is refused at its head and at older commits, from the repository itself too', async () => {
      await expect(started(own, pull.headSha)).rejects.toMatchObject(refused);
      const older = await moveFork();
      await catchUp(w.deps);
      await expect(started(own, older)).rejects.toMatchObject(refused);
      await expect(started(own, pull.headSha)).rejects.toMatchObject(refused);
    });

    it('is refused at a commit whose runs are older than those that a list reads', async () => {
      const { store } = w.deps;
      const project = await store.projects.get(id());
      const older = await moveFork();
      await catchUp(w.deps);
      if (project === undefined) throw new Error('no project');
      const runs = { ...store.runs, list: async () => ({ items: [], cursor: 'more' }) };
      const spec = specOf({ source: { kind: 'git', url: own }, branch: 'evil' });
      const request = { project, spec, sha: older, trigger: { kind: 'api' } as const, id: runId('R1') };
      const started = startRun({ ...w.deps, store: { ...store, runs } }, request);
      await expect(started).rejects.toMatchObject(refused);
    });

    it('runs at the commit that was approved', async () => {
      await say(pull, `/ok-to-test ${pull.headSha}`);
      await expect(started('https://github.com/mallory/shop.git', pull.headSha)).resolves.toBeDefined();
      await expect(started(own, pull.headSha)).resolves.toBeDefined();
      await expect(started('https://github.com/mallory/shop.git')).rejects.toMatchObject(refused);
    });

    it('leaves the repository itself, and others, as they are', async () => {
      await expect(started(own)).resolves.toBeDefined();
      await expect(started('https://github.com/else/where.git')).resolves.toBeDefined();
    });
  });
});

describe('a comment', () => {
  it('names suites as their checks are named, and learns which there are', async () => {
    const sha = await push('topic');
    const pull = await open('topic');
    await w.settle();
    expect(await say(pull, '/cancel nope')).toBe('There is no suite `nope`. This commit has `unit`.');
    expect(await say(pull, '/cancel `Berth/UNIT` nope')).toBe(
      'There is no suite `nope`. This commit has `unit`.',
    );
    await rest();
    expect(conclusionOf(sha)).toBe('cancelled');
    await say(pull, '/rerun berth/unit.');
    await rest();
    expect(conclusionOf(sha)).toBe('success');
  });
});
