import { cancelRunsOfBranch } from '../../../app/core/branches/cancel-runs.ts';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import type { GithubDeps } from '../../../app/core/deps.ts';
import { BerthError } from '../../../app/core/model/errors.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import { isTerminal } from '../../../app/core/model/run-state.ts';
import type { GithubProject } from '../../../app/core/projects/github-project.ts';
import { retestSuites } from '../../../app/core/runs/retest-suites.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { type World, world, writeResult } from '../memory-deps.ts';
import { memoryStore } from '../memory-store.ts';
import { type ModelledEvent, modelledEvents } from './modelled-events.ts';
import { ModelledGithub, ownId, type Pull, type Ref, textOf } from './modelled-github.ts';
import type { Fate, Step } from './steps.ts';

class Crash extends Error {}

export const project = projectId(`gh-${ownId}`);
const own = (name: string): Ref => ({ repositoryId: ownId, name });
/** The fork has a branch with the name of one of the repository's. */
export const refs: readonly Ref[] = [
  own('main'),
  own('alpha'),
  own('beta'),
  { repositoryId: 2, name: 'alpha' },
];
const main = own('main');
const branches = refs.slice(1);
const groupOf = ({ number }: Pull): Ref => own(`gh-readonly-queue/main/pr-${number}`);
const take = <Item>(items: readonly Item[], index: number): Item | undefined =>
  items[index % Math.max(1, items.length)];

/** A repository on GitHub, Berth next to it, and what people and machines do to both. */
export class History {
  readonly github = new ModelledGithub();
  readonly w: World;
  readonly deps: GithubDeps;
  /** Commits of the fork that a person saw and approved. */
  readonly reviewed = new Set<string>();
  /** The commits at which branches were left by their last pull request, or deleted. */
  readonly left = new Map<string, string | undefined>();
  private readonly events = modelledEvents(this.github);
  private readonly late: ModelledEvent[] = [];
  private crashIn = Number.POSITIVE_INFINITY;
  private count = 0;

  constructor() {
    const store = memoryStore(async () => {
      this.crashIn -= 1;
      if (this.crashIn === 0) throw new Crash();
    });
    this.w = world({ store, deps: { checks: this.github.checksPort(() => this.w.clock.now()) } });
    this.deps = { ...this.w.deps, github: this.github.port(), githubUrl: 'https://github.com' };
  }

  /** The App is installed; the first comparison of the repository comes up to ten minutes later. */
  async start(isCompared = true): Promise<void> {
    if (isCompared) await catchUp(this.deps);
    else await this.events.installation()(this.deps);
  }

  /** @param isSentAlways otherwise GitHub sends nothing while the installation is suspended. */
  private async hear(event: ModelledEvent, fate: Fate, { isSentAlways = false } = {}): Promise<void> {
    if (fate === 'lost' || (this.github.isSuspended && !isSentAlways)) return;
    if (fate === 'late') return void this.late.push(event);
    if (typeof fate === 'object') this.crashIn = fate.crash + 1;
    for (let time = 0; time < (fate === 'twice' ? 2 : 1); time += 1) await this.handle(event);
  }

  /** The process may die; another one takes over. What fails is handled again later. */
  private async handle(event: ModelledEvent): Promise<void> {
    try {
      await event(this.deps);
      await this.w.settle();
    } catch (error) {
      const isGone = error instanceof BerthError && error.code === 'project_suspended';
      if (!(error instanceof Crash) && !isGone) this.late.push(event);
    } finally {
      this.crashIn = Number.POSITIVE_INFINITY;
    }
  }

  private newCommit(): string {
    this.count += 1;
    return `c${this.count}`;
  }

  /** Moves a branch, or deletes it, and sends the events of it and of its pull requests. */
  private async move(ref: Ref, sha: string | undefined, fate: Fate): Promise<void> {
    const before = this.github.headOf(ref);
    const pulls = this.github.openPulls(ref);
    if (sha === undefined) {
      // A branch that is created again at the commit at which it was left, with no event of either, is unchanged.
      const wasLeft = pulls.length > 0 || this.left.get(textOf(ref)) === before;
      this.left.set(textOf(ref), wasLeft ? before : undefined);
      this.github.delete(ref);
    } else this.github.move(ref, sha);
    if (ref.repositoryId === ownId) await this.hear(this.events.push(ref.name, before, sha), fate);
    if (ref.repositoryId === ownId && sha === undefined) await this.hear(this.events.deleted(ref.name), fate);
    for (const pull of pulls)
      await this.hear(this.events.pull(pull, sha === undefined ? 'closed' : 'synchronize', { before }), fate);
  }

  async run(one: Step): Promise<void> {
    switch (one.kind) {
      case 'push':
      case 'delete':
      case 'recreate':
      case 'force push back':
      case 'copy fork':
        return this.changeBranch(one.kind, one.branch, one.event);
      case 'open':
        return this.open(take(branches, one.branch) ?? main, one.event);
      case 'close':
      case 'merge':
      case 'reopen':
      case 'retarget':
      case 'draft':
      case 'queue':
      case 'leave queue': {
        const pull = take(this.github.pulls, one.pull);
        if (pull === undefined) return;
        if (one.kind === 'queue' || one.kind === 'leave queue')
          return this.changeQueue(
            pull,
            one.kind === 'queue' ? 'enter' : one.merged ? 'merge' : 'leave',
            one.event,
          );
        return this.changePull(pull, one.kind, one.event);
      }
      case 'approve':
        return this.approve(one);
      case 'retest': {
        const ref = take(refs, one.branch) ?? main;
        const sha = one.older ? this.github.before.get(textOf(ref))?.at(-1) : this.github.headOf(ref);
        const stored = await this.project();
        if (sha === undefined || stored === undefined || stored.suspendedAt !== undefined) return;
        const trigger = { kind: 'comment', actor: 'dana' } as const;
        await retestSuites(this.deps, { project: stored, sha, which: 'all', trigger, key: this.newCommit() });
        return this.w.settle();
      }
      case 'cancel': {
        const ref = take(refs, one.branch) ?? main;
        const stored = await this.project();
        const branch = await this.deps.store.branches.get({ projectId: project, ...ref });
        if (branch === undefined || stored === undefined) return;
        await cancelRunsOfBranch(this.deps, stored, branch, { fits: () => true, reason: 'x', by: 'dana' });
        return this.w.settle();
      }
      case 'finish': {
        const running = (await this.runs()).filter((run) => run.task !== undefined && !isTerminal(run.state));
        const run = take(running, one.run);
        return run === undefined ? undefined : this.finish(run, one.fails);
      }
      case 'time':
        return this.pass(one.seconds);
      case 'late events':
        return this.hearLate();
      case 'rename':
        this.github.name = `shop-${this.newCommit()}`;
        return this.hear(this.events.repository(), one.event);
      case 'transfer':
        this.github.installation += 1;
        return this.hear(this.events.repository(), one.event);
      case 'suspend':
      case 'resume':
        this.github.isSuspended = one.kind === 'suspend';
        return this.hear(this.events.installation(), one.event, { isSentAlways: true });
      case 'GitHub refuses checks':
        this.github.refusals = one.times;
        return;
      case 'GitHub is down':
        this.github.failures = one.times;
    }
  }

  private async changeBranch(
    kind: 'push' | 'delete' | 'recreate' | 'force push back' | 'copy fork',
    index: number,
    fate: Fate,
  ): Promise<void> {
    const { github } = this;
    if (kind === 'push') return this.move(take(refs, index) ?? main, this.newCommit(), fate);
    const ref = take(branches, index) ?? main;
    const head = github.headOf(ref);
    const older = github.before.get(textOf(ref))?.at(-1);
    if (kind === 'delete') return head === undefined ? undefined : this.move(ref, undefined, fate);
    if (kind === 'copy fork') {
      const copied = take(
        refs.slice(3).flatMap((fork) => github.headOf(fork) ?? []),
        index,
      );
      return copied === undefined || ref.repositoryId !== ownId ? undefined : this.move(ref, copied, fate);
    }
    const fits = kind === 'recreate' ? head === undefined : head !== undefined;
    return older !== undefined && fits ? this.move(ref, older, fate) : undefined;
  }

  private async open({ repositoryId, name }: Ref, fate: Fate): Promise<void> {
    const { github } = this;
    const headSha = github.headOf({ repositoryId, name });
    const bases = github.openPulls({ repositoryId, name }).map(({ baseBranch }) => baseBranch);
    const baseBranch = ['main', 'release'].find((base) => !bases.includes(base));
    if (headSha === undefined || baseBranch === undefined) return;
    const pull: Pull = {
      number: github.pulls.length + 1,
      isOpen: true,
      isDraft: false,
      headBranch: name,
      headSha,
      isFork: repositoryId !== ownId,
      headRepositoryId: repositoryId,
      baseBranch,
      openedAt: this.w.clock.now(),
    };
    github.pulls.push(pull);
    await this.hear(this.events.pull(pull, 'opened'), fate);
  }

  private async close(pull: Pull, fate: Fate): Promise<void> {
    pull.isOpen = false;
    const ref = refOf(pull);
    if (this.github.openPulls(ref).length === 0) this.left.set(textOf(ref), this.github.headOf(ref));
    await this.hear(this.events.pull(pull, 'closed'), fate);
  }

  private async changePull(
    pull: Pull,
    kind: 'close' | 'merge' | 'reopen' | 'retarget' | 'draft',
    fate: Fate,
  ): Promise<void> {
    const head = this.github.headOf(refOf(pull));
    const others = this.github.openPulls(refOf(pull)).filter((other) => other !== pull);
    if (kind === 'reopen') {
      const isTaken = others.some(({ baseBranch }) => baseBranch === pull.baseBranch);
      if (pull.isOpen || pull.isMerged === true || head === undefined || isTaken) return;
      Object.assign(pull, { isOpen: true, headSha: head });
      return this.hear(this.events.pull(pull, 'reopened'), fate);
    }
    if (!pull.isOpen) return;
    if (kind === 'close') return this.close(pull, fate);
    if (kind === 'merge') {
      pull.isMerged = true;
      await this.move(main, pull.headSha, fate);
      return this.close(pull, fate);
    }
    if (kind === 'draft') pull.isDraft = !pull.isDraft;
    else if (others.length > 0) return;
    else pull.baseBranch = pull.baseBranch === 'main' ? 'release' : 'main';
    const action = kind === 'retarget' ? 'edited' : pull.isDraft ? 'converted_to_draft' : 'ready_for_review';
    await this.hear(this.events.pull(pull, action, { changes: { base: {} } }), fate);
  }

  private async changeQueue(pull: Pull, how: 'enter' | 'merge' | 'leave', fate: Fate): Promise<void> {
    const group = groupOf(pull);
    const head = this.github.headOf(group);
    if (how === 'enter') {
      if (!pull.isOpen || head !== undefined) return;
      const sha = this.newCommit();
      await this.move(group, sha, fate);
      return this.hear(this.events.group('checks_requested', group.name, sha), fate);
    }
    if (head === undefined) return;
    const isMerged = how === 'merge' && pull.isOpen;
    if (isMerged) await this.move(main, head, fate);
    await this.move(group, undefined, fate);
    await this.hear(this.events.group('destroyed', group.name, head), fate);
    if (isMerged) {
      pull.isMerged = true;
      await this.close(pull, fate);
    }
  }

  /** The commits of a pull request whose refusal is shown, the newest last. */
  private async refusals(pull: Pull): Promise<readonly Run[]> {
    const shown = await Promise.all(
      this.github.checks.map(async ({ runId }) => (await this.runs()).find(({ id }) => id === runId)),
    );
    return shown.flatMap((run) =>
      run?.state === 'skipped' && run.spec.untrusted && run.github?.pullRequest === pull.number ? [run] : [],
    );
  }

  private async approve(one: Extract<Step, { kind: 'approve' }>): Promise<void> {
    const pulls = this.github.openPulls().filter(({ isFork }) => isFork);
    const pull = take(pulls, one.pull);
    if (pull === undefined) return;
    this.w.clock.advance(1);
    const refused = (await this.refusals(pull)).at(-1);
    if (one.how === 'button' && refused === undefined) return;
    const seen = one.how === 'commit' ? pull.headSha : refused?.sha;
    if (seen !== undefined) this.reviewed.add(seen);
    const body = one.how === 'commit' ? `/ok-to-test ${pull.headSha}` : '/ok-to-test';
    const event =
      one.how === 'button'
        ? this.events.approve(refused?.id ?? '')
        : this.events.comment(pull, this.count, body, this.w.clock.now());
    this.w.clock.advance(1);
    if (one.race) await this.move(refOf(pull), this.newCommit(), one.pull % 2 === 0 ? 'lost' : 'heard');
    this.w.clock.advance(1);
    await this.hear(event, one.event);
  }

  async finish(run: Run, fails: boolean): Promise<void> {
    const isStopped = run.stop !== undefined || run.cancel !== undefined;
    const outcome = isStopped ? 'cancelled' : fails ? 'failed' : 'succeeded';
    writeResult(this.w, run.id, { outcome, exitCode: isStopped ? null : fails ? 1 : 0 });
    this.w.tasks.set(run.task?.arn ?? '', { lastStatus: 'STOPPED', exitCode: fails ? 1 : 0 });
    await this.deps.enqueue(run.id);
    await this.w.settle();
  }

  async runs(): Promise<readonly Run[]> {
    return (await this.deps.store.runs.list(project, {}, { limit: 1000 })).items;
  }

  private async project(): Promise<GithubProject | undefined> {
    const stored = await this.deps.store.projects.get(project);
    return stored?.github === undefined ? undefined : { ...stored, github: stored.github };
  }

  private async pass(seconds: number): Promise<void> {
    this.w.clock.advance(seconds);
    await sweep(this.deps);
    await sweepBranches(this.deps);
    await this.w.settle();
  }

  private async hearLate(): Promise<void> {
    for (const event of this.late.splice(0)) await this.handle(event);
  }

  /** Lets a quarter of an hour pass in which Berth only sweeps, and compares after ten minutes. */
  async rest(): Promise<void> {
    Object.assign(this.github, { refusals: 0, failures: 0, isSuspended: false });
    await this.hearLate();
    for (let minute = 0; minute < 16; minute += 1) {
      if (minute === 10) await catchUp(this.deps);
      await this.pass(61);
      for (const run of await this.runs())
        if (isActive(run) && run.task !== undefined) await this.finish(run, false);
    }
  }
}

function refOf({ headRepositoryId, headBranch }: Pull): Ref {
  return { repositoryId: headRepositoryId, name: headBranch };
}
