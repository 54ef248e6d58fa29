import type { Run } from '../../core/model/run.ts';
import type { Stack } from '../../core/model/stack.ts';
import type { BerthEvent } from '../../ports/events.ts';

/**
 * Builds the public detail of an event: the facts that receivers act on, and nothing that could be a secret. Fields are only
 * ever added.
 */
export function eventDetail(event: BerthEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'RunStarted':
    case 'RunFinished':
      return runDetail(event.run);
    case 'StackHeld':
    case 'StackReleased':
    case 'StackDirty':
      return stackDetail(event.stack);
    case 'BudgetReached':
      return { projectId: event.projectId, ...event.budget };
  }
}

function runDetail({ id, projectId, state, spec, sha, github, held, outcome, ...run }: Run) {
  return {
    runId: id,
    projectId,
    state,
    suite: spec.suite,
    branch: spec.branch,
    sha,
    repository: github && `${github.owner}/${github.repo}`,
    pullRequest: github?.pullRequest,
    stackName: held?.stackName,
    attempt: run.attempt,
    startedAt: run.startedAt?.toISOString(),
    finishedAt: run.finishedAt?.toISOString(),
    exitCode: outcome?.exitCode,
    summary: outcome?.summary,
    errorCode: outcome?.errorCode,
    tests: outcome?.tests,
    costUsd: outcome?.costUsd,
  };
}

function stackDetail({ projectId, stackName, branch, token, hold, lastDeployedCommit }: Stack) {
  return { projectId, stackName, branch, token, holder: hold?.holder, lastDeployedCommit };
}
