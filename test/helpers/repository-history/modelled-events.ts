import type { GithubDeps } from '../../../app/core/deps.ts';
import { onIssueComment } from '../../../app/github/comments/handle-comment.ts';
import { onCheckRun } from '../../../app/github/events/on-check-run.ts';
import { onInstallation } from '../../../app/github/events/on-installation.ts';
import { onPullRequest } from '../../../app/github/events/on-pull-request.ts';
import { onDelete, onMergeGroup, onPush } from '../../../app/github/events/on-push.ts';
import { type ModelledGithub, ownId, type Pull } from './modelled-github.ts';

/** An event with the facts of the moment at which it was made; it may be handled much later, and again. */
export type ModelledEvent = (deps: GithubDeps) => Promise<void>;

const none = '0'.repeat(40);
const sender = { login: 'dana', type: 'User' };

/** The events that GitHub sends. Only the fields that Berth reads. */
export function modelledEvents(github: ModelledGithub) {
  const about = (more: object) => ({
    repository: {
      id: ownId,
      name: github.name,
      owner: { login: 'octo-org' },
      default_branch: 'main',
    },
    installation: { id: github.installation },
    sender,
    ...more,
  });
  // Octokit's types of payloads have hundreds of fields: the handlers' own reading of these few is what is tested.
  const event = <Payload>(
    handle: (deps: GithubDeps, payload: Payload) => Promise<void>,
    more: object,
  ): ModelledEvent => {
    const payload = about(more) as Payload;
    return (deps) => handle(deps, payload);
  };
  const pressed = (deps: GithubDeps, payload: Parameters<typeof onCheckRun>[1]) =>
    onCheckRun(deps, payload, 'delivery');

  return {
    push: (name: string, before: string | undefined, after: string | undefined) =>
      event(onPush, {
        ref: `refs/heads/${name}`,
        before: before ?? none,
        after: after ?? none,
        deleted: after === undefined,
        head_commit: after === undefined ? null : { id: after },
      }),
    deleted: (name: string) => event(onDelete, { ref: name, ref_type: 'branch' }),
    pull: (pull: Pull, action: string, more = {}) =>
      event(onPullRequest, {
        action,
        number: pull.number,
        pull_request: {
          number: pull.number,
          state: pull.isOpen ? 'open' : 'closed',
          draft: pull.isDraft,
          head: { ref: pull.headBranch, sha: pull.headSha, repo: { id: pull.headRepositoryId } },
          base: { ref: pull.baseBranch },
        },
        ...more,
      }),
    group: (action: 'checks_requested' | 'destroyed', name: string, sha: string) =>
      event(onMergeGroup, { action, merge_group: { head_sha: sha, head_ref: `refs/heads/${name}` } }),
    comment: (pull: Pull, id: number, body: string, at: Date) =>
      event(onIssueComment, {
        issue: { number: pull.number, pull_request: {} },
        comment: { id, body, user: sender, created_at: at.toISOString() },
      }),
    approve: (runId: string) =>
      event(pressed, {
        action: 'requested_action',
        check_run: { external_id: runId },
        requested_action: { identifier: 'approve' },
      }),
    repository: () => event(onInstallation, { action: 'renamed' }),
    installation: () => event(onInstallation, { action: 'suspend' }),
  };
}
