import type { ApplicationFunction, Probot } from 'probot';
import type { GithubDeps } from '../../core/deps.ts';
import { onIssueComment } from '../comments/handle-comment.ts';
import type { Dispatch } from '../deliveries/handle-delivery.ts';
import { onCheckRun, onCheckSuite } from './on-check-run.ts';
import { onInstallation } from './on-installation.ts';
import { onPullRequest, pullRequestActions } from './on-pull-request.ts';
import { onDelete, onMergeGroup, onPush } from './on-push.ts';

/** Handles a verified event by the handlers that were loaded into Probot. */
export function dispatchTo(probot: Probot): Dispatch {
  return async ({ id, name, payload }) => {
    // Octokit's types know each event by its name; this name is known when the event arrives, and the dispatcher drops
    // an event without a handler.
    type Event = Parameters<Probot['webhooks']['receive']>[0];
    await probot.webhooks.receive({ id, name, payload: JSON.parse(payload) } as Event);
  };
}

/** The Probot app: maps events to use cases. */
export function berthApp(deps: GithubDeps): ApplicationFunction {
  return (app) => {
    app.on('push', ({ payload }) => onPush(deps, payload));
    for (const action of pullRequestActions) {
      app.on(`pull_request.${action}`, ({ payload }) => onPullRequest(deps, payload));
    }
    app.on('issue_comment.created', ({ payload }) => onIssueComment(deps, payload));
    app.on(['check_run.rerequested', 'check_run.requested_action'], ({ payload, id }) =>
      onCheckRun(deps, payload, id),
    );
    app.on(['check_suite.requested', 'check_suite.rerequested'], ({ payload, id }) =>
      onCheckSuite(deps, payload, id),
    );
    app.on(['merge_group.checks_requested', 'merge_group.destroyed'], ({ payload }) =>
      onMergeGroup(deps, payload),
    );
    app.on('delete', ({ payload }) => onDelete(deps, payload));
    app.on(['installation', 'installation_repositories', 'repository'], ({ payload }) =>
      onInstallation(deps, payload),
    );
  };
}
