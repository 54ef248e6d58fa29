import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { eventBridgeEvents } from '../../adapters/events/eventbridge-events.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Logger } from '../../ports/logger.ts';

/** Berth's own events, on a bus of EventBridge. */
export function awsEvents(bus: string, options: AwsOptions, deps: { clock: Clock; log: Logger }): Events {
  return eventBridgeEvents({ client: new EventBridgeClient(awsClientOptions(options)), bus, ...deps });
}
