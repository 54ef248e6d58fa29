import type { Ground } from './answers.ts';
import { checkRunView } from './check-routes.ts';
import { commentView } from './conversation-routes.ts';
import { pullView } from './pull-routes.ts';
import { repositoryView } from './repository-routes.ts';
import type { CheckRunState, CommentState, PullState, RepositoryState } from './state.ts';
import type { WebhookSender } from './webhook-sender.ts';

type Files = Readonly<Record<string, string | null>>;

/** Actions of people on GitHub. Each changes the state and sends the same webhooks as GitHub. */
export interface People {
  /** @returns the new commit. */
  push(
    repository: RepositoryState,
    branch: string,
    files: Files,
    options?: { by?: string; force?: boolean },
  ): Promise<string>;
  /** Force-pushes a commit that exists already. */
  reset(repository: RepositoryState, branch: string, sha: string, options?: { by?: string }): Promise<void>;
  deleteBranch(repository: RepositoryState, branch: string, options?: { by?: string }): Promise<void>;
  openPullRequest(repository: RepositoryState, pull: NewPull): Promise<PullState>;
  changePullRequest(
    repository: RepositoryState,
    pull: PullState,
    action: 'closed' | 'reopened' | 'ready_for_review' | 'converted_to_draft',
    options?: { by?: string },
  ): Promise<void>;
  /** Changes the base branch. */
  retarget(
    repository: RepositoryState,
    pull: PullState,
    base: string,
    options?: { by?: string },
  ): Promise<void>;
  comment(
    repository: RepositoryState,
    pull: PullState,
    body: string,
    options: { by: string },
  ): Promise<CommentState>;
  /** Presses one of the check run's own buttons, or GitHub's "Re-run" where no button is named. */
  press(
    repository: RepositoryState,
    checkRun: CheckRunState,
    button: string | undefined,
    options: { by: string },
  ): Promise<void>;
  /** Puts a group into the merge queue. @returns its commit. */
  /** Adds a pull request to the merge queue, whose group has a separate branch. @returns the group's commit. */
  queueForMerge(repository: RepositoryState, pull: PullState): Promise<string>;
  /** The group goes into the base branch, or out of the queue. */
  leaveQueue(
    repository: RepositoryState,
    pull: PullState,
    reason: 'merged' | 'dequeued' | 'invalidated',
  ): Promise<void>;
  install(): Promise<void>;
  uninstall(): Promise<void>;
  rename(repository: RepositoryState, name: string): Promise<void>;
  /** Sends an event of this stand-in's own making, with what every payload has. */
  notify(event: string, payload: Readonly<Record<string, unknown>>): void;
}

interface NewPull {
  readonly branch: string;
  readonly title?: string;
  readonly by?: string;
  readonly draft?: boolean;
  readonly base?: string;
  /** The owner of the fork that it comes from; absent: a branch of the repository itself. */
  readonly fork?: string;
}

const noCommit = '0'.repeat(40);
const queue = 'github-merge-queue[bot]';
const queueBranch = (pull: PullState): string =>
  `gh-readonly-queue/${pull.baseBranch}/pr-${pull.number}-${pull.headSha.slice(0, 8)}`;
const person = (login: string) => ({ login, id: 7, type: login.endsWith('[bot]') ? 'Bot' : 'User' });

export function createPeople(ground: Ground, webhooks: WebhookSender): People {
  const { state } = ground;
  const tell = async (
    repository: RepositoryState,
    event: string,
    by: string,
    payload: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    await webhooks.send(event, {
      ...payload,
      repository: repositoryView(ground, repository),
      installation: { id: state.installationId },
      sender: person(by),
    });
  };
  const tellGroup = async (
    repository: RepositoryState,
    pull: PullState,
    action: 'checks_requested' | 'destroyed',
    sha: string,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<void> =>
    tell(repository, 'merge_group', queue, {
      action,
      ...more,
      merge_group: {
        head_sha: sha,
        head_ref: `refs/heads/${queueBranch(pull)}`,
        base_ref: `refs/heads/${pull.baseBranch}`,
        base_sha: (await repository.git.resolve(`refs/heads/${pull.baseBranch}`)) ?? noCommit,
      },
    });
  const pullEvent = (repository: RepositoryState, pull: PullState, action: string, by: string, more = {}) =>
    tell(repository, 'pull_request', by, {
      action,
      number: pull.number,
      pull_request: pullView(ground, repository, pull),
      ...more,
    });
  /** Sends the events of a branch that got another commit. */
  const moved = async (
    repository: RepositoryState,
    branch: string,
    { before, after, by, forced }: { before: string; after: string; by: string; forced: boolean },
  ): Promise<void> => {
    await tell(repository, 'push', by, {
      ref: `refs/heads/${branch}`,
      before,
      after,
      created: before === noCommit,
      deleted: false,
      forced,
      head_commit: { id: after, message: 'change', timestamp: new Date().toISOString() },
      commits: [],
      pusher: { name: by },
    });
    await tell(repository, 'check_suite', by, {
      action: 'requested',
      check_suite: {
        id: 1,
        head_branch: branch,
        head_sha: after,
        before,
        pull_requests: [],
        app: { id: ground.identity.appId },
      },
    });
    for (const pull of repository.pulls) {
      if (pull.state !== 'open' || pull.headBranch !== branch || pull.headRepository.id !== repository.id)
        continue;
      pull.headSha = after;
      pull.updatedAt = new Date();
      await repository.git.setRef(`refs/pull/${pull.number}/head`, after);
      await pullEvent(repository, pull, 'synchronize', by, { before, after });
    }
  };

  return {
    async push(repository, branch, files, { by = 'dana', force = false } = {}) {
      const before = (await repository.git.resolve(`refs/heads/${branch}`)) ?? noCommit;
      const after = await repository.git.commit(branch, files, { from: repository.defaultBranch, force });
      await moved(repository, branch, { before, after, by, forced: force });
      return after;
    },

    async reset(repository, branch, sha, { by = 'dana' } = {}) {
      const before = (await repository.git.resolve(`refs/heads/${branch}`)) ?? noCommit;
      await repository.git.setRef(`refs/heads/${branch}`, sha);
      await moved(repository, branch, { before, after: sha, by, forced: true });
    },

    async deleteBranch(repository, branch, { by = 'dana' } = {}) {
      const before = (await repository.git.resolve(`refs/heads/${branch}`)) ?? noCommit;
      await repository.git.deleteRef(`refs/heads/${branch}`);
      await tell(repository, 'push', by, {
        ref: `refs/heads/${branch}`,
        before,
        after: noCommit,
        created: false,
        deleted: true,
        forced: false,
        head_commit: null,
        commits: [],
        pusher: { name: by },
      });
      await tell(repository, 'delete', by, { ref: branch, ref_type: 'branch', pusher_type: 'user' });
    },

    async openPullRequest(
      repository,
      { branch, title = `Work on ${branch}`, by = 'dana', draft = false, base, fork },
    ) {
      const headSha = await repository.git.resolve(`refs/heads/${branch}`);
      if (headSha === undefined) throw new Error(`there is no branch ${branch} to make a pull request of`);
      const own = { id: repository.id, owner: repository.owner, name: repository.name };
      // An owner has one fork of a repository.
      const known = repository.pulls.find(
        ({ headRepository }) => headRepository.owner === fork,
      )?.headRepository;
      const pull: PullState = {
        number: repository.pulls.length + 1,
        title,
        state: 'open',
        draft,
        merged: false,
        author: by,
        headBranch: branch,
        headSha,
        headRepository:
          fork === undefined ? own : (known ?? { id: ground.nextId(), owner: fork, name: repository.name }),
        baseBranch: base ?? repository.defaultBranch,
        openedAt: new Date(),
        updatedAt: new Date(),
      };
      repository.pulls.push(pull);
      await repository.git.setRef(`refs/pull/${pull.number}/head`, headSha);
      await pullEvent(repository, pull, 'opened', by);
      return pull;
    },

    async changePullRequest(repository, pull, action, { by = 'dana' } = {}) {
      pull.updatedAt = new Date();
      if (action === 'closed') pull.state = 'closed';
      if (action === 'reopened') pull.state = 'open';
      if (action === 'ready_for_review') pull.draft = false;
      if (action === 'converted_to_draft') pull.draft = true;
      await pullEvent(repository, pull, action, by);
    },

    async retarget(repository, pull, base, { by = 'dana' } = {}) {
      const from = pull.baseBranch;
      pull.baseBranch = base;
      pull.updatedAt = new Date();
      await pullEvent(repository, pull, 'edited', by, { changes: { base: { ref: { from } } } });
    },

    async comment(repository, pull, body, { by }) {
      const comment: CommentState = {
        id: ground.nextId(),
        issue: pull.number,
        author: by,
        body,
        createdAt: new Date(),
        reactions: [],
      };
      repository.comments.push(comment);
      await tell(repository, 'issue_comment', by, {
        action: 'created',
        issue: {
          number: pull.number,
          state: pull.state,
          user: person(pull.author),
          pull_request: { url: '' },
        },
        comment: commentView(ground, repository, comment),
      });
      return comment;
    },

    async press(repository, checkRun, button, { by }) {
      await tell(repository, 'check_run', by, {
        action: button === undefined ? 'rerequested' : 'requested_action',
        check_run: checkRunView(ground, repository, checkRun),
        ...(button === undefined ? {} : { requested_action: { identifier: button } }),
      });
    },

    async queueForMerge(repository, pull) {
      const branch = queueBranch(pull);
      await repository.git.setRef(`refs/heads/${branch}`, pull.headSha);
      const sha = await repository.git.commit(branch, {}, { message: `Merge pull request #${pull.number}` });
      // GitHub sends a push event for the branch, and an event for the group.
      await tell(repository, 'push', queue, {
        ref: `refs/heads/${branch}`,
        before: noCommit,
        after: sha,
        created: true,
        deleted: false,
        forced: false,
        head_commit: { id: sha, message: 'merge', timestamp: new Date().toISOString() },
      });
      await tellGroup(repository, pull, 'checks_requested', sha);
      return sha;
    },
    async leaveQueue(repository, pull, reason) {
      const branch = queueBranch(pull);
      const sha = (await repository.git.resolve(`refs/heads/${branch}`)) ?? noCommit;
      if (reason === 'merged') {
        await repository.git.setRef(`refs/heads/${pull.baseBranch}`, sha);
        pull.state = 'closed';
        pull.updatedAt = new Date();
      }
      await repository.git.deleteRef(`refs/heads/${branch}`);
      await tellGroup(repository, pull, 'destroyed', sha, { reason });
      if (reason === 'merged') await pullEvent(repository, pull, 'closed', queue);
    },

    async install() {
      state.installed = true;
      await webhooks.send('installation', { action: 'created', ...installationPayload(ground) });
    },
    async uninstall() {
      state.installed = false;
      state.tokens.clear();
      await webhooks.send('installation', { action: 'deleted', ...installationPayload(ground) });
    },
    async rename(repository, name) {
      const from = repository.name;
      repository.name = name;
      await tell(repository, 'repository', 'dana', {
        action: 'renamed',
        changes: { repository: { name: { from } } },
      });
    },
    notify(event, { repositoryName, sender, ...payload }) {
      const repository = state.repositories.find(({ name }) => name === repositoryName);
      // The sender tracks its own deliveries, and their failures do not affect this caller.
      if (repository !== undefined) void tell(repository, event, String(sender), payload);
    },
  };
}

function installationPayload(ground: Ground) {
  const { state, identity } = ground;
  return {
    installation: {
      id: state.installationId,
      app_id: identity.appId,
      account: { login: state.repositories[0]?.owner ?? 'octo-org', id: 1, type: 'Organization' },
      repository_selection: 'all',
      permissions: state.permissions,
      events: state.events,
    },
    repositories: state.repositories.map((repository) => ({
      id: repository.id,
      name: repository.name,
      full_name: `${repository.owner}/${repository.name}`,
      private: repository.isPrivate,
    })),
    sender: person('dana'),
  };
}
