import { SQSClient } from '@aws-sdk/client-sqs';
import { queueAt, startPoller } from '../../aws/functions.ts';
import { startGateway } from '../../aws/lambda-gateway.ts';
import { clientOptions, keepTasksRunning, motoUrl } from '../../aws/moto.ts';
import { pretendFargate } from '../../aws/pretend-fargate.ts';
import type { AppliedResources } from './applied.ts';
import { recordCalls, recorded } from './recorded-calls.ts';

/**
 * Runs the functions in this process with the environment that Terraform set, on the queue, the table, the bucket and the
 * cluster that Terraform created.
 */
export async function startBerth(resources: AppliedResources, environment: Readonly<Record<string, string>>) {
  await keepTasksRunning();
  await leaveMessages(resources);
  Object.assign(process.env, environment);
  recordCalls();
  // The functions read their environment when they are first invoked, as in Lambda.
  const http = await import('../../../../app/lambda/http.ts');
  const queue = await import('../../../../app/lambda/queue.ts');
  const schedule = await import('../../../../app/lambda/schedule.ts');
  const messages = queueAt(new SQSClient(clientOptions()), environment.BERTH_QUEUE_URL ?? '');
  const fargate = pretendFargate({
    cluster: environment.ECS_CLUSTER_NAME ?? '',
    logGroup: environment.BERTH_LOG_GROUP ?? '',
    tellEvent: messages.send,
  });
  const gateway = await startGateway(recorded('http', http.handler));
  const onSchedule = recorded('schedule', schedule.handler);
  const poller = startPoller(messages, recorded('queue', queue.handler), fargate.look);
  const { apiKey } = (await onSchedule({ task: 'setup' })) as { apiKey: string };
  return {
    url: gateway.url,
    launched: fargate.launched,
    sweep: () => onSchedule({ task: 'sweep' }),
    ask: async (path: string, init: RequestInit = {}): Promise<unknown> => {
      const headers = { 'X-API-Key': apiKey, 'content-type': 'application/json' };
      return (await fetch(`${gateway.url}${path}`, { ...init, headers })).json();
    },
    stop: async (): Promise<void> => {
      await poller.stop();
      await fargate.ended();
      await gateway.close();
    },
  };
}

/**
 * moto passes each message to a function in Docker. Here, a poller passes messages to the functions in this process.
 *
 * The mapping is disabled, not deleted: moto continues to use one that was deleted. With every message that is sent, it receives
 * all that wait, so that one that waits for a slow poller reaches the limit of receives, and is moved to the dead letters.
 */
export async function leaveMessages(resources: AppliedResources): Promise<void> {
  const { id } = resources.get('module.berth.module.app.aws_lambda_event_source_mapping.queue') ?? {};
  const scope = 'Credential=testing/20260101/us-east-1/lambda/aws4_request';
  const response = await fetch(`${motoUrl}/2015-03-31/event-source-mappings/${String(id)}`, {
    method: 'PUT',
    body: JSON.stringify({ Enabled: false }),
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
  });
  if (!response.ok) throw new Error(`moto kept using the mapping: ${await response.text()}`);
}

/** Without Docker, moto answers for every function that it succeeded, and has no functions otherwise. */
export async function withoutDocker<Result>(work: () => Promise<Result>): Promise<Result> {
  await useDocker(false);
  try {
    return await work();
  } finally {
    await useDocker(true);
  }
}

async function useDocker(use_docker: boolean): Promise<void> {
  await fetch(`${motoUrl}/moto-api/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ lambda: { use_docker } }),
  });
}
