import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Forward = (operation: string, incoming: IncomingMessage, body: Buffer) => Promise<Answer>;

const runTaskSchema = z.looseObject({ clientToken: z.string(), cluster: z.string() });
const taskSchema = z.looseObject({
  taskArn: z.string(),
  lastStatus: z.string(),
  containers: z.array(z.looseObject({ exitCode: z.number().optional() })).default([]),
});
const tasksSchema = z.looseObject({ tasks: z.array(taskSchema), failures: z.array(z.unknown()).default([]) });
const listSchema = z.looseObject({ taskArns: z.array(z.string()) });
const stopSchema = z.object({ task: taskSchema });
type Task = z.infer<typeof taskSchema>;

/**
 * Makes moto's ECS answer as AWS documents it, where it does not by itself and Berth relies on it.
 *
 * @param unknownSeconds how long reads do not know a new task: ECS is eventually consistent.
 */
export function ecsAsDocumented(forward: Forward, unknownSeconds: () => number = () => 0): Forward {
  return withClientTokens(withTimes(forward, unknownSeconds));
}

/**
 * AWS answers a call of RunTask with a token and parameters that made a task before as it answered the first, and one
 * with other parameters by a `ConflictException` that names the task; moto makes a second task. A call that made no
 * task leaves its token unused. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
function withClientTokens(forward: Forward): Forward {
  const first = new Map<string, { parameters: string; answer: Promise<Answer> }>();
  return async (operation, incoming, body) => {
    if (operation !== 'RunTask') return forward(operation, incoming, body);
    const { clientToken, ...rest } = runTaskSchema.parse(JSON.parse(body.toString()));
    const key = `${rest.cluster} ${clientToken}`;
    const parameters = JSON.stringify(rest);
    for (let earlier = first.get(key); earlier !== undefined; earlier = first.get(key)) {
      const arns = tasksOf(await earlier.answer).map(({ taskArn }) => taskArn);
      if (arns.length > 0) return parameters === earlier.parameters ? earlier.answer : conflict(arns);
      if (first.get(key) === earlier) first.delete(key);
    }
    const answer = forward(operation, incoming, body);
    first.set(key, { parameters, answer });
    return answer;
  };
}

/**
 * moto's tasks have no times and no stop codes, run and have an exit code from the beginning, and stopping an unknown
 * one is an internal error. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
 */
function withTimes(forward: Forward, unknownSeconds: () => number): Forward {
  const created = new Map<string, number>();
  const stopped = new Map<string, number>();
  const completed = (task: Task) => {
    const now = Date.now() / 1000;
    const createdAt = created.get(task.taskArn) ?? now;
    created.set(task.taskArn, createdAt);
    const times = { createdAt, startedAt: createdAt };
    if (task.lastStatus !== 'STOPPED') {
      const containers = task.containers.map(({ exitCode: _, ...container }) => container);
      return { ...task, ...times, containers };
    }
    const stoppedAt = stopped.get(task.taskArn) ?? now;
    stopped.set(task.taskArn, stoppedAt);
    return { ...task, ...times, stoppedAt, stopCode: 'UserInitiated' };
  };
  const isUnknown = (arn: string): boolean => Date.now() / 1000 - (created.get(arn) ?? 0) < unknownSeconds();
  const justAccepted = (task: Task) => {
    const { startedAt: _, ...rest } = completed(task);
    return { ...rest, lastStatus: 'PROVISIONING' };
  };
  return async (operation, incoming, body) => {
    const answer = await forward(operation, incoming, body);
    if (operation === 'StopTask') {
      if (answer.status === 500)
        return refusal('InvalidParameterException', 'The referenced task was not found.');
      return { ...answer, body: toBody({ task: completed(stopSchema.parse(parsed(answer)).task) }) };
    }
    if (operation === 'ListTasks' && answer.status === 200) {
      const { taskArns, ...rest } = listSchema.parse(parsed(answer));
      return { ...answer, body: toBody({ ...rest, taskArns: taskArns.filter((arn) => !isUnknown(arn)) }) };
    }
    if ((operation !== 'RunTask' && operation !== 'DescribeTasks') || answer.status !== 200) return answer;
    const { tasks, ...rest } = tasksSchema.parse(parsed(answer));
    if (operation === 'RunTask')
      return { ...answer, body: toBody({ ...rest, tasks: tasks.map(justAccepted) }) };
    const known = tasks.filter(({ taskArn }) => !isUnknown(taskArn));
    const missing = tasks.filter((task) => !known.includes(task));
    const failures = [
      ...rest.failures,
      ...missing.map(({ taskArn }) => ({ arn: taskArn, reason: 'MISSING' })),
    ];
    return { ...answer, body: toBody({ ...rest, tasks: known.map(completed), failures }) };
  };
}

function tasksOf(answer: Answer): readonly Task[] {
  return answer.status === 200 ? tasksSchema.parse(parsed(answer)).tasks : [];
}

function conflict(resourceIds: readonly string[]): Answer {
  const message = 'The provided clientToken is already in use with a different RunTask request.';
  return refusal('ConflictException', message, { resourceIds });
}

function refusal(code: string, message: string, more: Record<string, unknown> = {}): Answer {
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
    body: toBody({ __type: code, message, ...more }),
  };
}

export function parsed(answer: Answer): unknown {
  return JSON.parse(answer.body.toString());
}

export function toBody(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
