import { BerthError } from '../domain/errors.ts';
import { ended, moved, outcomeWithoutResult, type Run, type StackWish } from '../domain/run.ts';
import { stackNumberOf } from '../domain/stack.ts';
import { type Deps, later } from './deps.ts';
import { projectOf } from './project-of.ts';
import { requestStack } from './request-stack.ts';
import type { Step } from './step.ts';

/** A run that is queued or waits: takes its stack, its turn on it, or its place in line. */
export async function seekStack(deps: Deps, run: Run): Promise<Step> {
  const now = deps.clock.now();
  if (run.cancel !== undefined) {
    await deps.store.runs.save(ended(run, 'cancelled', outcomeWithoutResult(run.cancel.reason), now), now);
    return 'go on';
  }
  const wish = run.spec.stack;
  if (wish === undefined) {
    await deps.store.runs.save(toProvisioning(run, now), now);
    return 'go on';
  }
  try {
    return await seek(deps, run, wish);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'stack_not_found') throw error;
    await deps.store.runs.save(
      ended(run, 'errored', outcomeWithoutResult(error.message, error.code), now),
      now,
    );
    return 'go on';
  }
}

async function seek(deps: Deps, run: Run, wish: StackWish): Promise<Step> {
  const project = await projectOf(deps, run.projectId);
  const stackNumber = wish.name === undefined ? undefined : (stackNumberOf(wish.name) ?? 0);
  const answer = await requestStack(deps, {
    project,
    holder: wish.holder,
    branch: run.spec.branch,
    wait: true,
    runId: run.id,
    turn: {
      runId: run.id,
      shares: wish.shares,
      ...(run.spec.teardown === undefined ? {} : { teardown: run.spec.suite }),
    },
    turnSeconds: run.spec.timeoutSeconds + deps.policy.overheadSeconds,
    ...(stackNumber === undefined ? {} : { stackNumber }),
  });
  const now = deps.clock.now();
  switch (answer.kind) {
    case 'held': {
      const { stackName, token, lastDeployedCommit } = answer.stack;
      const deployed = lastDeployedCommit ?? project.settings.initialCommit;
      const held = {
        stackName,
        token,
        isNew: answer.isNew,
        ...(deployed === undefined ? {} : { lastDeployedCommit: deployed }),
      };
      await deps.store.runs.save({ ...toProvisioning(run, now), held }, now);
      return 'go on';
    }
    case 'closed':
      await deps.store.runs.save(
        ended(
          run,
          'cancelled',
          outcomeWithoutResult('The pull request was closed before the run began.'),
          now,
        ),
        now,
      );
      return 'go on';
    case 'busy':
      return wait(deps, run, {
        reason: 'turn',
        stackName: `${project.settings.prefix}${answer.stackNumber}`,
      });
    case 'waiting':
    case 'none':
      return wait(deps, run, { reason: 'line', position: answer.position });
  }
}

async function wait(deps: Deps, run: Run, waiting: NonNullable<Run['waiting']>): Promise<Step> {
  const now = deps.clock.now();
  const changed =
    run.waiting?.reason !== waiting.reason ||
    run.waiting.position !== waiting.position ||
    run.waiting.stackName !== waiting.stackName;
  const dueAt = later(now, deps.policy.waitCheckSeconds);
  await deps.store.runs.save(moved(run, 'waiting', now, { waiting, dueAt }), now);
  // A new place is worth showing; an unchanged one is not worth a word.
  return changed && run.github !== undefined ? 'go on' : 'rest';
}

/** The intent to launch is written before the launch: a crash in between leaves something to look for. */
function toProvisioning(run: Run, now: Date): Run {
  const { waiting: _, ...rest } = run;
  return moved(rest, 'provisioning', now, { launches: run.launches + 1, dueAt: now });
}
