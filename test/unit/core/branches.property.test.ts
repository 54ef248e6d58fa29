import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareRepository } from '../../../app/core/branches/compare-repository.ts';
import type { GithubDeps } from '../../../app/core/branches/github-deps.ts';
import { reconcileBranch } from '../../../app/core/branches/reconcile-branch.ts';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import type { BranchKey } from '../../../app/core/model/branch.ts';
import { holder, projectId } from '../../../app/core/model/ids.ts';
import { projectSettingsSchema } from '../../../app/core/model/project.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import { isTerminal } from '../../../app/core/model/run-state.ts';
import type { GithubProject } from '../../../app/core/projects/github-project.ts';
import { retestSuites } from '../../../app/core/runs/retest-suites.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import type { Checks } from '../../../app/ports/checks.ts';
import type { Github, PullRequest } from '../../../app/ports/github.ts';
import { type World, world, writeResult } from '../../helpers/memory-deps.ts';
import { memoryStore } from '../../helpers/memory-store.ts';

/** What can happen to a repository; `branch` and `pull` are taken modulo what there is. */
type Step =
  | { kind: 'push' | 'delete' | 'open' | 'force push back'; branch: number; event: Fate }
  | { kind: 'close' | 'reopen' | 'retarget' | 'merge'; pull: number; event: Fate }
  | { kind: 'retest'; branch: number }
  | { kind: 'finish'; run: number; fails: boolean }
  | { kind: 'time'; seconds: number }
  | { kind: 'GitHub refuses checks'; times: number };
/** `crash`: the process dies at this call to the store while it works on the event. */
type Fate = 'heard' | 'lost' | 'twice' | { crash: number };

const names = ['main', 'alpha', 'beta', 'gamma'];
const fate = fc.oneof(
  { arbitrary: fc.constantFrom<Fate>('heard'), weight: 4 },
  { arbitrary: fc.constantFrom<Fate>('lost', 'twice'), weight: 2 },
  { arbitrary: fc.record({ crash: fc.nat(25) }), weight: 2 },
);
const index = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('push', 'open', 'push', 'open', 'delete', 'force push back'),
      branch: index,
      event: fate,
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('close', 'reopen', 'retarget', 'merge', 'close', 'reopen'),
      pull: index,
      event: fate,
    }),
    weight: 5,
  },
  { arbitrary: fc.record({ kind: fc.constant('retest' as const), branch: index }), weight: 1 },
  {
    arbitrary: fc.record({ kind: fc.constant('finish' as const), run: index, fails: fc.boolean() }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.nat(400) }), weight: 2 },
  {
    arbitrary: fc.record({ kind: fc.constant('GitHub refuses checks' as const), times: fc.nat(6) }),
    weight: 1,
  },
);

/** A test that took too long, or did not start, has been run all the same. */
const isVerdict = (state: string): boolean => ['succeeded', 'failed', 'timed_out', 'errored'].includes(state);

class Crash extends Error {}

interface ShownCheck {
  readonly id: number;
  readonly sha: string;
  readonly suite: string;
  readonly runId: string;
  state: string;
}

/** A repository on GitHub, Berth beside it, and what people and machines do to both. */
class History {
  readonly heads = new Map<string, string>([['main', 'c0']]);
  readonly before = new Map<string, string[]>();
  readonly pulls: (PullRequest & { isOpen: boolean; headSha: string; baseBranch: string })[] = [];
  readonly checks: ShownCheck[] = [];
  crashIn = Number.POSITIVE_INFINITY;
  refusals = 0;
  commits = 0;
  readonly w: World;
  readonly deps: GithubDeps;
  readonly project: GithubProject;

  constructor() {
    const store = memoryStore(async () => {
      this.crashIn -= 1;
      if (this.crashIn === 0) throw new Crash();
    });
    this.w = world({ store, deps: { checks: this.shownChecks() } });
    this.deps = { ...this.w.deps, github: this.github(), githubUrl: 'https://github.com' };
    const now = this.w.clock.now();
    this.project = {
      id: projectId('gh-1'),
      name: 'octo-org/shop',
      settings: projectSettingsSchema.parse({}),
      created: now,
      modified: now,
      poolAppliedAt: now,
      github: { repositoryId: 1, installationId: 7, owner: 'octo-org', name: 'shop', defaultBranch: 'main' },
    };
  }

  private shownChecks(): Checks {
    return {
      publish: async (run, target, { mayExist = false } = {}) => {
        if (this.refusals > 0) {
          this.refusals -= 1;
          throw new Error('GitHub refuses');
        }
        const known = this.checks.find(
          ({ id, runId }) =>
            id === target.checkRunId ||
            (target.checkRunId === undefined &&
              mayExist &&
              runId === run.id &&
              target.replaced?.includes(id) !== true),
        );
        const check = known ?? {
          id: this.checks.length + 1,
          sha: target.headSha,
          suite: run.spec.suite,
          runId: run.id,
          state: '',
        };
        if (known === undefined) this.checks.push(check);
        check.state = run.state;
        for (const one of this.checks) if (target.replaced?.includes(one.id)) one.state = 'replaced';
        const { replaced: _, ...rest } = target;
        return { target: { ...rest, checkRunId: check.id, published: run.state } };
      },
    };
  }

  private github(): Github {
    const open = (): PullRequest[] => this.pulls.filter(({ isOpen }) => isOpen).map((pull) => ({ ...pull }));
    return {
      repositories: {
        readFile: async (_at, path) =>
          path.endsWith('berth.yml') ? 'suites: { unit: { command: x } }' : undefined,
        glance: async () => ({ names: new Set(), directories: new Set(), texts: {} }),
        listBranches: async () => new Map(this.heads),
        headOf: async (_at, name) => this.heads.get(name),
        changedFiles: async () => undefined,
        mayWrite: async () => true,
        listInstallations: async () => [7],
        listInstalled: async () => [],
      },
      pullRequests: {
        get: async (_at, number) => open().find((pull) => pull.number === number),
        listOpen: async () => open(),
        listOpenOfBranch: async (_at, name) => open().filter(({ headBranch }) => headBranch === name),
      },
      conversations: {
        react: async () => {},
        reply: async () => {},
        create: async () => 1,
        edit: async () => true,
        remove: async () => {},
      },
      deliveries: { redeliverFailed: async () => 0 },
    };
  }

  key(name: string): BranchKey {
    return { projectId: this.project.id, repositoryId: 1, name };
  }

  async hear(name: string, aspect: 'head' | 'pulls', event: Fate): Promise<void> {
    if (event === 'lost') return;
    if (typeof event === 'object') this.crashIn = event.crash + 1;
    for (let time = 0; time < (event === 'twice' ? 2 : 1); time += 1) {
      await this.surviving(async () => {
        await reconcileBranch(this.deps, this.project, this.key(name), { aspect });
        await this.w.settle();
      });
    }
  }

  /** The process may die; another one takes over. */
  async surviving(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    } finally {
      this.crashIn = Number.POSITIVE_INFINITY;
    }
  }

  move(name: string, sha: string): void {
    const old = this.heads.get(name);
    if (old !== undefined) this.before.set(name, [...(this.before.get(name) ?? []), old]);
    this.heads.set(name, sha);
    for (const pull of this.pulls) if (pull.isOpen && pull.headBranch === name) pull.headSha = sha;
  }

  async run(one: Step): Promise<void> {
    switch (one.kind) {
      case 'push': {
        const name = names[one.branch % names.length] ?? 'main';
        this.commits += 1;
        this.move(name, `c${this.commits}`);
        return this.hear(name, 'head', one.event);
      }
      case 'force push back': {
        const name = names[one.branch % names.length] ?? 'main';
        const older = this.before.get(name)?.at(-1);
        if (older === undefined || !this.heads.has(name)) return;
        this.move(name, older);
        return this.hear(name, 'head', one.event);
      }
      case 'delete': {
        const name = names[1 + (one.branch % (names.length - 1))] ?? 'alpha';
        this.heads.delete(name);
        for (const pull of this.pulls) if (pull.headBranch === name) pull.isOpen = false;
        return this.hear(name, 'head', one.event);
      }
      case 'open': {
        const name = names[1 + (one.branch % (names.length - 1))] ?? 'alpha';
        const headSha = this.heads.get(name);
        if (headSha === undefined || this.pulls.some((pull) => pull.isOpen && pull.headBranch === name))
          return;
        this.pulls.push({
          number: this.pulls.length + 1,
          isOpen: true,
          isDraft: false,
          author: 'dana',
          headBranch: name,
          headSha,
          isFork: false,
          headRepositoryId: 1,
          baseBranch: 'main',
          openedAt: this.w.clock.now(),
          updatedAt: this.w.clock.now(),
        });
        return this.hear(name, 'pulls', one.event);
      }
      case 'close':
      case 'merge':
      case 'reopen':
      case 'retarget': {
        const pull = this.pulls[one.pull % Math.max(1, this.pulls.length)];
        if (pull === undefined) return;
        const { headBranch } = pull;
        const head = this.heads.get(headBranch);
        if (one.kind === 'merge' && pull.isOpen) {
          this.move('main', pull.headSha);
          pull.isOpen = false;
          await this.hear('main', 'head', one.event);
        } else if (one.kind === 'close') pull.isOpen = false;
        else if (one.kind === 'retarget') pull.baseBranch = pull.baseBranch === 'main' ? 'release' : 'main';
        else if (
          one.kind === 'reopen' &&
          head !== undefined &&
          !this.pulls.some((other) => other.isOpen && other.headBranch === headBranch)
        ) {
          pull.isOpen = true;
          pull.headSha = head;
        }
        return this.hear(headBranch, 'pulls', one.event);
      }
      case 'retest': {
        const sha = this.heads.get(names[one.branch % names.length] ?? 'main');
        if (sha === undefined) return;
        const trigger = { kind: 'comment', actor: 'dana' } as const;
        const request = {
          project: this.project,
          sha,
          which: 'all',
          trigger,
          key: String(this.commits),
        } as const;
        await retestSuites(this.deps, request);
        return this.w.settle();
      }
      case 'finish': {
        const active = (await this.runs()).filter(
          ({ task, state }) => task !== undefined && !isTerminal(state),
        );
        const run = active[one.run % Math.max(1, active.length)];
        return run === undefined ? undefined : this.finish(run, one.fails);
      }
      case 'time':
        this.w.clock.advance(one.seconds);
        await sweep(this.deps);
        await sweepBranches(this.deps);
        return this.w.settle();
      case 'GitHub refuses checks':
        this.refusals = one.times;
    }
  }

  async finish(run: Run, fails: boolean): Promise<void> {
    const arn = run.task?.arn ?? '';
    const isStopped = run.stop !== undefined || run.cancel !== undefined;
    writeResult(
      this.w,
      run.id,
      isStopped
        ? { outcome: 'cancelled', exitCode: null }
        : fails
          ? { outcome: 'failed', exitCode: 1 }
          : { outcome: 'succeeded' },
    );
    this.w.tasks.set(arn, { lastStatus: 'STOPPED', exitCode: fails ? 1 : 0 });
    await this.deps.enqueue(run.id);
    await this.w.settle();
  }

  async runs(): Promise<readonly Run[]> {
    return (await this.deps.store.runs.list(this.project.id, {}, { limit: 1000 })).items;
  }

  async start(): Promise<void> {
    await this.deps.store.projects.create(this.project);
    await compareRepository(this.deps, this.project);
  }

  /** Nothing happens any more: what is due is looked at, tasks end, and the repository is compared. */
  async rest(): Promise<void> {
    this.refusals = 0;
    for (let round = 0; round < 12; round += 1) {
      if (round % 4 === 0) await compareRepository(this.deps, this.project);
      this.w.clock.advance(61);
      await sweep(this.deps);
      await sweepBranches(this.deps);
      await this.w.settle();
      for (const run of await this.runs())
        if (isActive(run) && run.task !== undefined) await this.finish(run, false);
    }
  }

  /** What should be true, and is not. */
  async mistakes(): Promise<string[]> {
    const found: string[] = [];
    const runs = await this.runs();
    const stacks = await this.deps.store.stacks.list(this.project.id);
    for (const run of runs)
      if (isActive(run)) found.push(`run ${run.id} of ${run.spec.branch} is still active`);
    for (const check of this.checks) {
      const isDone = check.state === 'replaced' || isTerminal(check.state as Run['state']);
      if (!isDone) found.push(`check ${check.id} of ${check.sha} is ${check.state}`);
    }
    for (const name of names) {
      const sha = this.heads.get(name);
      const isAsked = this.pulls.some((pull) => pull.isOpen && pull.headBranch === name);
      const stack = stacks.filter(({ hold }) => hold?.holder === holder.branch(name));
      if (stack.length !== (isAsked ? 1 : 0)) found.push(`${name} holds ${stack.length} stacks`);
      const wasSeen = name !== 'main' || this.commits > 0;
      if (sha === undefined || sha === 'c0' || !wasSeen || !(isAsked || name === 'main')) continue;
      const verdicts = runs.filter((run) => run.spec.branch === name && run.sha === sha);
      if (!verdicts.some(({ state }) => isVerdict(state)))
        found.push(`${name} at ${sha} has no verdict: ${verdicts.map(({ state }) => state).join()}`);
      const newest = this.checks.findLast((check) => check.sha === sha);
      if (newest === undefined || !isVerdict(newest.state))
        found.push(`the newest check of ${name} at ${sha} is ${newest?.state}`);
    }
    const ofUnknown = stacks.filter(
      ({ hold }) => hold !== undefined && !names.includes(hold.holder.slice(7)),
    );
    for (const { hold } of ofUnknown) found.push(`${hold?.holder} holds a stack`);
    return found;
  }
}

/** Another seed on each run, printed if it fails; `BERTH_SEED` repeats one. */
const seed = Number(process.env.BERTH_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('a repository with any history', () => {
  it(`has a verdict for each live head, and holds nothing for what is closed (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const history = new History();
        await history.start();
        for (const one of steps) await history.run(one);
        await history.rest();
        expect(await history.mistakes()).toEqual([]);
      }),
      { seed, numRuns: Number(process.env.BERTH_HISTORIES ?? 60) },
    );
  });
});
