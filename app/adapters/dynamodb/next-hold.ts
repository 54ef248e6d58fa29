import type { ProjectId, RunId } from '../../core/model/ids.ts';
import type { Stack, WantedTeardown } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { AcquireParams, Handover } from '../../ports/stack-store.ts';

/** A stack that did not exist yet, before its first hold. */
export function blankStack(
  projectId: ProjectId,
  number: number,
  stackName: string,
  params: AcquireParams,
): Stack {
  const { branch, now } = params;
  const times = { created: now, modified: now, lastRequested: now };
  return { projectId, number, stackName, branch, ...times, token: 0, activeRuns: [] };
}

/** The stack as its new holder has it, with the run that takes it as the only one. */
export function takenBy(params: AcquireParams, stack: Stack): Stack {
  const { holder, branch, now, leaseUntil, reclaimAt, turn } = params;
  const hold = omitUndefined({
    holder,
    since: now,
    leaseUntil,
    reclaimAt,
    kept: turn?.keeps === true ? (true as const) : undefined,
  });
  const activeRuns = turn === undefined ? [] : [turn.runId];
  return { ...stack, branch, modified: now, lastRequested: now, hold, activeRuns };
}

/** The stack as the run has it that tears it down. */
export function handedOver(seen: Stack, now: Date, to: Handover): Stack | undefined {
  if (seen.hold === undefined || seen.activeRuns.length > 0) return undefined;
  const { suite, runId } = to.teardown;
  const teardowns = (seen.teardowns ?? []).filter((one) => one.suite !== suite);
  const hold = { holder: to.holder, since: now, teardownOf: runId };
  const { deploys, lastDeployedCommit, ...stack } = seen;
  const next = { ...stack, modified: now, token: seen.token + 1, hold, activeRuns: [], teardowns };
  // What Berth deployed counts no more.
  return deploys === undefined ? omitUndefined({ ...next, lastDeployedCommit }) : next;
}

/** The teardowns of a stack after a turn has ended: of one suite's, only that of the run which used it last. */
export function withoutEarlier(
  { teardowns = [], activeRuns }: Stack,
  runId: RunId,
): readonly WantedTeardown[] {
  const own = teardowns.find((one) => one.runId === runId);
  if (own === undefined) return teardowns;
  return teardowns.filter(
    (one) => one.suite !== own.suite || one.runId === runId || activeRuns.includes(one.runId),
  );
}
