import { z } from 'zod';
import { projectId, type RunId, runId, storedHolder } from '../core/model/ids.ts';
import { type HeldKeys, keysVariable } from '../core/model/task.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { parseJson } from '../lib/parse-json.ts';
import type { QueueMessage } from '../wiring/aws/queue-message.ts';

/** The request in a message of the queue. */
export type Asked =
  | QueueMessage
  /** The state of a task changed: reconcile its run. Includes the state that the event reports. */
  | {
      readonly kind: 'task';
      readonly runId: RunId;
      readonly detail: unknown;
      readonly keys?: HeldKeys | undefined;
    }
  /** `RunRequested`: the detail is what `POST /workflow/execute` takes, and the project. */
  | { readonly kind: 'start'; readonly eventId: string; readonly request: Readonly<Record<string, unknown>> }
  /** `eventDrivenTest` of the older batch runner. */
  | { readonly kind: 'event-driven'; readonly runId: RunId }
  | { readonly kind: 'nothing'; readonly why: string };

const ownSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), runId: z.string().transform(runId) }),
  z.object({ kind: z.literal('delivery'), id: z.string() }),
  z.object({ kind: z.literal('event'), id: z.string(), name: z.string(), payload: z.string() }),
]);

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
const eventSchema = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  detail: z.record(z.string(), z.unknown()),
});

const environmentSchema = z.array(z.object({ name: z.string().optional(), value: z.string().optional() }));
const ecsTaskSchema = z.object({
  overrides: z.object({
    containerOverrides: z.array(z.object({ environment: environmentSchema.optional() })),
  }),
});
const batchJobSchema = z.object({ container: z.object({ environment: environmentSchema }) });
const eventDrivenSchema = z.object({ runId: z.string().regex(/^runId-[A-Za-z0-9_-]{1,128}$/) });

/**
 * Reads a message: one of Berth's own, or an event of EventBridge.
 *
 * @throws SyntaxError if it is not JSON.
 */
export function parseQueueMessage(body: string): Asked {
  const value: unknown = JSON.parse(body);
  const own = ownSchema.safeParse(value);
  if (own.success) return own.data;
  const event = eventSchema.safeParse(value);
  if (!event.success) return { kind: 'nothing', why: 'it is neither a message of Berth nor an event' };
  const { id, source, 'detail-type': type, detail } = event.data;
  switch (`${source} ${type}`) {
    case 'aws.ecs ECS Task State Change':
      return isOnItsWay(detail.lastStatus, taskStates) ? onItsWay : runOf(environmentOfTask(detail), detail);
    case 'aws.batch Batch Job State Change':
      return isOnItsWay(detail.status, jobStates) ? onItsWay : runOf(environmentOfJob(detail), detail);
    case 'berth.trigger RunRequested':
      return { kind: 'start', eventId: id, request: detail };
    case 'workflowDispatch eventDrivenTest': {
      const wanted = eventDrivenSchema.safeParse(detail);
      return wanted.success
        ? { kind: 'event-driven', runId: runId(wanted.data.runId) }
        : { kind: 'nothing', why: 'its runId is invalid' };
    }
    default:
      return { kind: 'nothing', why: `no handler for ${type} of ${source}` };
  }
}

/** States that change a run. The rules of EventBridge pass no others; those of an older installation do. */
const taskStates = ['RUNNING', 'STOPPED'];
const jobStates = ['RUNNING', 'SUCCEEDED', 'FAILED'];
const onItsWay: Asked = { kind: 'nothing', why: 'the task is on its way' };

function isOnItsWay(state: unknown, decisive: readonly string[]): boolean {
  return typeof state === 'string' && !decisive.includes(state);
}

type Environment = z.infer<typeof environmentSchema>;

/** Every task of Berth has its run ID in its environment; events have no tags that could carry it. */
function runOf(environment: Environment, detail: unknown): Asked {
  const id = environment.find(({ name }) => name === 'RUN_ID')?.value;
  return id === undefined
    ? { kind: 'nothing', why: 'the task is not of Berth' }
    : { kind: 'task', runId: runId(id), detail, ...omitUndefined({ keys: keysIn(environment) }) };
}

const keysSchema = z.object({
  projectId: z.string().transform(projectId),
  stackName: z.string(),
  holder: z.string().transform(storedHolder),
});

function keysIn(environment: Environment): HeldKeys | undefined {
  const text = environment.find(({ name }) => name === keysVariable)?.value;
  return text === undefined ? undefined : keysSchema.safeParse(parseJson(text)).data;
}

function environmentOfTask(detail: unknown): Environment {
  const task = ecsTaskSchema.safeParse(detail);
  return task.success
    ? task.data.overrides.containerOverrides.flatMap(({ environment }) => environment ?? [])
    : [];
}

function environmentOfJob(detail: unknown): Environment {
  const job = batchJobSchema.safeParse(detail);
  return job.success ? job.data.container.environment : [];
}
