import type { ApplicationFunction } from 'probot';
import type { GithubDeps } from '../../core/deps.ts';
import { onCheckRun } from './on-check-run.ts';
import { onCheckSuite } from './on-check-suite.ts';
import { onDelete } from './on-delete.ts';
import { onInstallation } from './on-installation.ts';
import { onIssueComment } from './on-issue-comment.ts';
import { onMergeGroup } from './on-merge-group.ts';
import { onPullRequest, pullRequestActions } from './on-pull-request.ts';
import { onPush } from './on-push.ts';
import { onRepository } from './on-repository.ts';

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
    app.on(['installation', 'installation_repositories'], ({ payload }) => onInstallation(deps, payload));
    app.on('repository', ({ payload }) => onRepository(deps, payload));
  };
}
