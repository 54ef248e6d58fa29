import { BerthError } from '../../../app/core/model/errors.ts';
import { isTerminal } from '../../../app/core/model/run-state.ts';
import type { Checks } from '../../../app/ports/checks.ts';
import type { Github, PullRequest, RepositoryAddress } from '../../../app/ports/github.ts';

/** A branch of the repository, or of a fork of it. */
export interface Ref {
  readonly repositoryId: number;
  readonly name: string;
}
export const ownId = 1;
export const textOf = ({ repositoryId, name }: Ref): string => `${repositoryId} ${name}`;

export type Pull = { -readonly [Field in keyof PullRequest]: PullRequest[Field] } & {
  headRepositoryId: number;
  isMerged?: boolean;
};

export interface ShownCheck {
  readonly id: number;
  readonly sha: string;
  readonly suite: string;
  readonly runId: string;
  state: string;
}

/** A repository on GitHub with its forks, and the check runs that were written to it. */
export class ModelledGithub {
  readonly id: number;
  readonly heads = new Map<string, string>();
  readonly before = new Map<string, string[]>();
  readonly pulls: Pull[] = [];
  readonly checks: ShownCheck[] = [];
  name = 'shop';
  installation = 7;
  isSuspended = false;
  /** How many writes of checks are refused, and how many calls of any kind fail. */
  refusals = 0;
  failures = 0;

  constructor(id = ownId) {
    this.id = id;
    this.heads.set(textOf({ repositoryId: id, name: 'main' }), 'c0');
  }

  headOf(ref: Ref): string | undefined {
    return this.heads.get(textOf(ref));
  }

  openPulls(ref?: Ref): Pull[] {
    return this.pulls.filter(
      (pull) =>
        pull.isOpen &&
        (ref === undefined || (pull.headRepositoryId === ref.repositoryId && pull.headBranch === ref.name)),
    );
  }

  move(ref: Ref, sha: string): void {
    const old = this.headOf(ref);
    if (old !== undefined) this.before.set(textOf(ref), [...(this.before.get(textOf(ref)) ?? []), old]);
    this.heads.set(textOf(ref), sha);
    for (const pull of this.openPulls(ref)) pull.headSha = sha;
  }

  delete(ref: Ref): void {
    const old = this.headOf(ref);
    if (old !== undefined) this.before.set(textOf(ref), [...(this.before.get(textOf(ref)) ?? []), old]);
    this.heads.delete(textOf(ref));
    for (const pull of this.openPulls(ref)) pull.isOpen = false;
  }

  /** @throws Error where GitHub does not answer, or the installation does not have the repository. */
  private reach({ installationId }: Pick<RepositoryAddress, 'installationId'>): void {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('GitHub is down');
    }
    if (this.isSuspended) throw new BerthError('project_suspended', 'The installation is suspended.');
    if (installationId !== this.installation) throw new Error('404 Not Found');
  }

  port(): Github {
    const copies = (pulls: readonly Pull[]): PullRequest[] => pulls.map((pull) => ({ ...pull }));
    const reached = <Result>(at: RepositoryAddress, result: () => Result): Promise<Result> =>
      Promise.resolve().then(() => {
        this.reach(at);
        return result();
      });
    const own = (name: string): Ref => ({ repositoryId: this.id, name });
    return {
      repositories: {
        readFile: (at, path) =>
          reached(at, () => (path.endsWith('berth.yml') ? 'suites: { unit: { command: x } }' : undefined)),
        glance: (at) => reached(at, () => ({ names: new Set(), directories: new Set(), texts: {} })),
        listBranches: (at) =>
          reached(at, () => {
            const ofRepository = [...this.heads].filter(([text]) => text.startsWith(`${this.id} `));
            return new Map(ofRepository.map(([text, sha]) => [text.slice(`${this.id} `.length), sha]));
          }),
        headOf: (at, name) => reached(at, () => this.headOf(own(name))),
        changedFiles: (at) => reached(at, () => undefined),
        filesBetween: (at) => reached(at, () => undefined),
        mayWrite: async () => true,
        listInstallations: async () => (this.isSuspended ? [] : [this.installation]),
        listInstalled: async (installationId) => {
          if (this.failures > 0 || this.isSuspended) this.reach({ installationId });
          if (installationId !== this.installation) return [];
          const repository = { repositoryId: this.id, owner: 'octo-org', repo: this.name };
          return [{ ...repository, installationId, defaultBranch: 'main', isArchived: false }];
        },
      },
      pullRequests: {
        get: (at, number) => reached(at, () => copies(this.pulls)[number - 1]),
        listOpen: (at) => reached(at, () => copies(this.openPulls())),
        listOpenOfBranch: (at, name) => reached(at, () => copies(this.openPulls(own(name)))),
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

  checksPort(now: () => Date): Checks {
    return {
      publish: async (run, stored, { mayExist = false, addressed } = {}) => {
        const target = (await addressed?.(stored)) ?? stored;
        if (this.refusals > 0) {
          this.refusals -= 1;
          // Every other time it only asks to wait.
          if (this.refusals % 2 === 0) return { target, retryAt: new Date(now().getTime() + 30_000) };
          throw new Error('GitHub refuses');
        }
        this.reach(target);
        const wasMade = (check: ShownCheck): boolean =>
          target.checkRunId === undefined &&
          mayExist &&
          check.runId === run.id &&
          target.replaced?.includes(check.id) !== true;
        const known = this.checks.find((check) => check.id === target.checkRunId || wasMade(check));
        const { suite } = run.spec;
        const check = known ?? {
          id: this.checks.length + 1,
          sha: target.headSha,
          suite,
          runId: run.id,
          state: '',
        };
        if (known === undefined) this.checks.push(check);
        check.state = run.state;
        for (const one of this.checks) if (target.replaced?.includes(one.id)) one.state = 'replaced';
        const { replaced: _, ...rest } = target;
        const shown = isTerminal(run.state) ? `completed ${run.state}` : run.state;
        const written = { published: run.state, shown, publishedAt: now() };
        return { target: { ...rest, checkRunId: check.id, ...written } };
      },
    };
  }
}
