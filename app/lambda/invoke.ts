import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { awsClientOptions } from '../adapters/aws/client-options.ts';
import { putEvent } from '../adapters/events/eventbridge-events.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import { readEnvironment } from '../wiring/config/config.ts';
import { parseEventDrivenRequest } from './event-driven-request.ts';

interface Answer {
  readonly statusCode: number;
  /** JSON. */
  readonly body: string;
}

let client: EventBridgeClient | undefined;

const nothingToRun =
  'event-driven runs are not configured. Set event_driven_run in Terraform, or BERTH_EVENT_COMMAND.';

/**
 * Direct invocation with `{"body": {"runId": "test123"}}`: publishes the event that starts the run. Clients of the older
 * batch runner know the texts: CONTRACTS, "Event-driven runs".
 */
export async function handler(event: unknown): Promise<Answer> {
  try {
    const request = parseEventDrivenRequest(event);
    if ('error' in request) return answer(400, { error: request.error });
    return await publish(request.runId);
  } catch (error) {
    console.error(error);
    return answer(500, { error: 'Internal service error' });
  }
}

async function publish(runId: string): Promise<Answer> {
  const {
    AWS_REGION: region = 'us-east-1',
    BERTH_EVENT_BUS: bus,
    BERTH_EVENT_COMMAND: command,
  } = readEnvironment();
  if (!command) return answer(500, { error: `Failed to publish event: ${nothingToRun}` });
  client ??= new EventBridgeClient(awsClientOptions({ region, random: () => systemIds.random() }));
  try {
    await putEvent(client, {
      EventBusName: bus || 'default',
      Source: 'workflowDispatch',
      DetailType: 'eventDrivenTest',
      Detail: JSON.stringify({ runId }),
    });
  } catch (error) {
    console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    return answer(500, { error: `Failed to publish event: ${message}` });
  }
  return answer(200, { message: 'Event published successfully', runId });
}

function answer(statusCode: number, body: object): Answer {
  return { statusCode, body: JSON.stringify(body) };
}
