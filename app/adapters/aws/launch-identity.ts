import { createHash } from 'node:crypto';
import type { RunId } from '../../core/model/ids.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';

/** Identifies the tasks of a run. The value of the tag is the run ID, whatever its length. */
export const runTag = 'berth:run';
export const launchTag = 'berth:launch';
/** The installation that launched the task: several may share a cluster or a queue, and must not stop the tasks of others. */
export const installationTag = 'berth:installation';
/** A task with this tag is never stopped as an orphan, whatever its value. */
export const keepTag = 'berth:keep';

/** Replaces what ECS and Batch do not allow in the value of a tag: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html */
export function tagValue(text: string): string {
  return text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, 256);
}

/** The tags of everything that runs for a launch. */
export function launchTags(
  { runId, projectId, stackName, launch }: LaunchRequest,
  installation: string,
): Record<string, string> {
  return omitUndefined({
    [runTag]: runId,
    [launchTag]: String(launch),
    [installationTag]: tagValue(installation),
    'berth:project': tagValue(projectId),
    'berth:stack': stackName === undefined ? undefined : tagValue(stackName),
  });
}

/**
 * The same for every attempt of one launch, and unique to it. The second one is for the case that the first was
 * used without effect: AWS then refuses it with a conflict that names no task.
 *
 * @returns at most 64 characters each: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
export function clientTokensOf(runId: RunId, launch: number): ClientTokens {
  const token = `berth-${digestOf(runId)}-${launch}`;
  return [token, `${token}-b`];
}
export type ClientTokens = readonly [string, string?];

/** Builds a value that ListTasks can filter by: at most 128 letters, digits, `-`, `_` and `/`. Longer IDs are hashed. */
export function startedByOf(runId: RunId): string {
  return /^[\w-]{1,128}$/.test(runId) ? runId : `berth-${digestOf(runId)}`;
}

/**
 * The name of a launch's job in Batch, by which it is found again. Batch compares names without regard to case, so the
 * digest distinguishes two runs; the ID of the run is for people.
 *
 * @returns at most 128 letters, digits, `-` and `_`.
 */
export function jobNameOf(runId: RunId, launch: number): string {
  return `${jobNamePrefix}${runId.replace(/[^\w-]/g, '_').slice(0, 60)}-${digestOf(runId)}-${launch}`;
}
export const jobNamePrefix = 'berth-';

function digestOf(runId: RunId): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 40);
}
