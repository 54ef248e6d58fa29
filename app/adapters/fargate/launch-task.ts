import { type ECSClient, RunTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { BerthError } from '../../core/model/errors.ts';
import { type Explanation, explainReason } from '../../core/model/task-failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { errorKindOf, isAwsError } from '../aws/aws-error-kind.ts';
import { type ClientTokens, clientTokensOf } from '../aws/launch-identity.ts';
import type { EcsSettings } from './fargate-settings.ts';
import type { NetworkDiscovery } from './network-discovery.ts';
import { type CapacityProvider, runTaskInput } from './run-task-input.ts';
import type { RunnerDefinition } from './runner-definition.ts';
import type { TaskDefinitions } from './task-definitions.ts';

export interface LaunchDeps {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly definitions: TaskDefinitions;
  readonly network: NetworkDiscovery;
  readonly settings: EcsSettings;
  readonly clock: Clock;
  /** A uniform random number in [0, 1). */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** The task of this launch: as RunTask described it, or only its ARN if an earlier call launched it. */
export interface Launched {
  readonly task: Task & { readonly taskArn: string };
  readonly definition: RunnerDefinition;
}

type Answer =
  | { readonly kind: 'launched'; readonly launched: Launched }
  | { readonly kind: 'later'; readonly why: Explanation }
  /** AWS refused a subnet, a security group or a definition that may be cached. */
  | { readonly kind: 'stale'; readonly error: BerthError };

const longestWaitMs = 8_000;

/**
 * Calls RunTask until there is a task, or until the time limit of the settings.
 *
 * All calls of a launch carry the same client token, so that a call whose answer was lost makes no second task:
 * AWS answers with the existing task, or with a conflict that names it.
 *
 * @throws BerthError `no_capacity` if AWS has no capacity now, `launch_failed` if the launch can never succeed. Any other error
 *   means that it is unknown whether a task exists: launching again finds out.
 */
export async function launchTask(deps: LaunchDeps, request: LaunchRequest): Promise<Launched> {
  const { clock, random, sleep, settings } = deps;
  const patientUntil = clock.now().getTime() + settings.patienceSeconds * 1000;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await tryProviders(deps, request);
    if (answer.kind === 'launched') return answer.launched;
    if (answer.kind === 'stale') throw answer.error;
    const waitMs = Math.floor(random() * Math.min(longestWaitMs, 1_000 * 2 ** attempt));
    if (clock.now().getTime() + waitMs > patientUntil) {
      const hint = `Berth tried for ${settings.patienceSeconds} seconds.`;
      throw new BerthError('no_capacity', answer.why.message, { hint });
    }
    await sleep(waitMs);
  }
}

/** Spot first if it is requested; a run that Spot interrupted runs on demand afterwards. */
async function tryProviders(deps: LaunchDeps, request: LaunchRequest): Promise<Answer> {
  const spotFirst = deps.settings.spot && request.launch === 1;
  if (spotFirst) {
    const answer = await tryOnce(deps, request, 'FARGATE_SPOT');
    if (answer.kind !== 'later' || answer.why.kind !== 'capacity') return answer;
  }
  return tryOnce(deps, request, 'FARGATE');
}

async function tryOnce(
  deps: LaunchDeps,
  request: LaunchRequest,
  provider: CapacityProvider,
): Promise<Answer> {
  const answer = await runTask(deps, request, provider);
  if (answer.kind !== 'stale') return answer;
  deps.network.forget();
  deps.definitions.forget();
  return runTask(deps, request, provider);
}

async function runTask(
  deps: LaunchDeps,
  request: LaunchRequest,
  provider: CapacityProvider,
  tokens: ClientTokens = clientTokensOf(request.runId, request.launch),
): Promise<Answer> {
  const { ecs, settings } = deps;
  const [definition, network] = await Promise.all([
    request.services === undefined
      ? deps.definitions.forImage(request.image)
      : deps.definitions.withServices(request),
    deps.network.find(),
  ]);
  const [clientToken, spareToken] = tokens;
  const input = runTaskInput({ request, settings, definition, network, provider, clientToken });
  try {
    const { tasks = [], failures = [] } = await ecs.send(new RunTaskCommand(input));
    const [task] = tasks;
    if (hasArn(task)) return { kind: 'launched', launched: { task, definition } };
    return refused(
      failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; '),
    );
  } catch (error) {
    if (isAwsError(error, 'ConflictException')) {
      // The token was used with other parameters before: the job's URL differs from try to try.
      const taskArn = conflictingTask(error);
      if (taskArn !== undefined) return { kind: 'launched', launched: { task: { taskArn }, definition } };
      // The token was used without effect: no task has it, and none ever will.
      if (spareToken !== undefined) return runTask(deps, request, provider, [spareToken]);
    }
    return answerTo(error);
  }
}

function conflictingTask(error: Error): string | undefined {
  const arns: unknown = 'resourceIds' in error ? error.resourceIds : undefined;
  const first: unknown = Array.isArray(arns) ? arns[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

/** @throws the error itself if it is unknown whether a task exists. */
function answerTo(error: unknown): Answer {
  if (error instanceof BerthError) throw error;
  switch (errorKindOf(error)) {
    case 'throttled':
      return { kind: 'later', why: throttling };
    case 'unknown':
      throw error;
    case 'refused':
      return refused(error instanceof Error ? `${error.name}: ${error.message}` : String(error), error);
  }
}

const throttling: Explanation = {
  kind: 'quota',
  message: 'AWS throttles RunTask at the moment: the account has reached its rate limit.',
  retryable: true,
};

/** @throws BerthError if a retry would be refused again. */
function refused(reason: string, cause?: unknown): Answer {
  const explanation = explainReason(reason);
  if (explanation?.retryable === true) return { kind: 'later', why: explanation };
  const message = explanation?.message ?? `ECS did not start the task. AWS said: ${reason || 'nothing'}`;
  const error = new BerthError('launch_failed', message, { cause });
  if (explanation?.kind === 'network' || /task ?definition/i.test(reason)) return { kind: 'stale', error };
  throw error;
}

export function hasArn(task: Task | undefined): task is Task & { taskArn: string } {
  return task?.taskArn !== undefined;
}
