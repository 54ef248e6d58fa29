import pLimit from 'p-limit';
import { statusOfTaskEvent } from '../adapters/fargate/task-event.ts';
import type { CollectedRuns, Given } from '../core/runs/known-run.ts';
import { reconcileRun } from '../core/runs/reconcile-run.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';
import { getContainer } from './get-container.ts';
import { type Asked, parseQueueMessage } from './queue-message.ts';
import { startEventDrivenRun } from './start-event-driven-run.ts';
import { startRequestedRun } from './start-requested-run.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** How many messages are handled in parallel. */
const atOnce = 8;
/** More runs are reconciled by other instances, in parallel. */
const maxRunsHere = 4;
/** Leaves most of the time limit of the function, which is a minute. */
const latestMilliseconds = 20_000;

/**
 * Takes messages of Berth's queue: its own, and events of ECS, Batch and EventBridge.
 *
 * @returns the messages to deliver again (`ReportBatchItemFailures`); after a few attempts they go to the dead-letter
 *   queue.
 */
export async function handler(event: SqsEvent) {
  const berth = await getContainer();
  const began = performance.now();
  const endCollection = berth.collectRuns();
  const limit = pLimit(atOnce);
  const turns = new Map<string, Promise<void>>();
  const outcomes = event.Records.map(({ messageId, body }) => {
    const key = keyOf(body) ?? messageId;
    const before = turns.get(key) ?? Promise.resolve();
    const outcome = before.catch(() => {}).then(() => limit(() => handleMessage(berth, body)));
    turns.set(key, outcome);
    return outcome.then(
      () => [],
      (err: unknown) => {
        berth.deps.log.error({ messageId, err }, 'handling a message failed');
        return [{ itemIdentifier: messageId }];
      },
    );
  });
  const batchItemFailures = (await Promise.all(outcomes)).flat();
  await reconcileHere(berth, endCollection(), performance.now() - began);
  await berth.outbox.sent();
  return { batchItemFailures };
}

/**
 * Reconciles the runs that the messages have started, or changed: a message for each would cost another invocation. After a
 * crash they are due, and the sweep finds them.
 */
async function reconcileHere(
  { deps }: AwsBerth,
  runs: CollectedRuns,
  elapsedMilliseconds: number,
): Promise<void> {
  const all = [...runs];
  const here = elapsedMilliseconds < latestMilliseconds ? all.slice(0, maxRunsHere) : [];
  for (const [id] of all.slice(here.length)) deps.enqueue(id);
  await Promise.all(
    here.map(async ([id, known]) => {
      try {
        await reconcileRun(deps, id, undefined, { known });
      } catch (err) {
        deps.log.warn({ runId: id, err }, 'a run could not be reconciled; its message will be delivered');
        deps.enqueue(id);
      }
    }),
  );
}

/** Messages about one run take turns, so that they do not race for it. */
function keyOf(body: string): string | undefined {
  try {
    const asked = parseQueueMessage(body);
    return 'runId' in asked ? `run ${asked.runId}` : undefined;
  } catch {
    // The handler reports what is invalid.
    return undefined;
  }
}

async function handleMessage(berth: AwsBerth, body: string): Promise<void> {
  const asked = parseQueueMessage(body);
  switch (asked.kind) {
    case 'run':
      await reconcileRun(berth.deps, asked.runId);
      return;
    case 'task':
      await reconcileRun(berth.deps, asked.runId, undefined, givenIn(berth, asked));
      return;
    case 'delivery':
      await berth.handleDelivery(asked.id);
      return;
    case 'event':
      await berth.handleEvent(asked);
      return;
    case 'start':
      await startRequestedRun(berth, asked);
      return;
    case 'event-driven':
      await startEventDrivenRun(berth, asked.runId);
      return;
    case 'nothing':
      berth.deps.log.info({ why: asked.why }, 'a message without a request');
  }
}

function givenIn({ config }: AwsBerth, { detail, keys }: Extract<Asked, { kind: 'task' }>): Given {
  const reported = config.ecs && statusOfTaskEvent(detail, config.ecs);
  // Only the end of a run needs its stack.
  return reported?.lastStatus === 'RUNNING' ? { reported } : { reported, keys };
}
