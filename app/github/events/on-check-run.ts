import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { releasePullRequestStack } from '../../core/branches/pull-request-stack.ts';
import { syncRun } from '../../core/branches/sync-run.ts';
import { runId } from '../../core/model/ids.ts';
import { addressOf } from '../../core/projects/github-project.ts';
import { cancelRun } from '../../core/runs/cancel-run.ts';
import { retest } from '../../core/runs/retest-suites.ts';
import { isBot, projectOfEvent } from './event-context.ts';

type Payload = Context<'check_run.rerequested' | 'check_run.requested_action'>['payload'];

/** A button of a check run was pressed: “Re-run” of GitHub's own, or one of Berth's. */
export async function onCheckRun(deps: GithubDeps, payload: Payload, deliveryId: string): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { external_id: externalId } = payload.check_run;
  const run =
    externalId === null || externalId === '' ? undefined : await deps.store.runs.get(runId(externalId));
  if (run?.projectId !== project.id) return;
  const { sender } = payload;
  // GitHub shows the buttons to others as well, and sends what they press.
  if (!isBot(sender) && !(await deps.github.repositories.mayWrite(addressOf(project), sender.login))) return;

  const actor = sender.login;
  const button = payload.action === 'rerequested' ? 'retest' : payload.requested_action?.identifier;
  if (button === 'cancel') {
    await cancelRun(deps, { id: run.id, reason: `${actor} cancelled it.`, by: actor });
  } else if (button === 'release' && run.github?.pullRequest !== undefined) {
    await releasePullRequestStack(deps, project, run.github.pullRequest);
  } else if (button === 'retest') {
    const trigger = { kind: 'check_run', actor } as const;
    // What was not run is not simply run again: the settings, or the approval of a fork, decide anew.
    if (run.state === 'skipped' || run.spec.suite === 'settings') await syncRun(deps, project, run, trigger);
    else await retest(deps, { project, trigger, key: deliveryId }, run);
  }
}
