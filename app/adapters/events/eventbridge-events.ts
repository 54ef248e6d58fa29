import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Logger } from '../../ports/logger.ts';
import { eventDetail } from './event-detail.ts';

/** The source that rules match Berth's events by. */
const eventSource = 'berth';

/** {@link Events} on a bus of EventBridge. An event that cannot be sent is logged: a run does not wait for receivers. */
export function eventBridgeEvents(deps: {
  readonly client: Pick<EventBridgeClient, 'send'>;
  /** Name or ARN. */
  readonly bus: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Events {
  const { client, bus, clock, log } = deps;
  return {
    publish: async (event) => {
      const entry = {
        EventBusName: bus,
        Source: eventSource,
        DetailType: event.type,
        Time: clock.now(),
        Detail: JSON.stringify(eventDetail(event)),
      };
      try {
        await putEvent(client, entry);
      } catch (err) {
        log.warn({ event: event.type, err }, 'an event could not be sent to EventBridge');
      }
    },
  };
}

type Entry = NonNullable<ConstructorParameters<typeof PutEventsCommand>[0]['Entries']>[number];

/**
 * Sends one event. EventBridge may refuse an entry in a successful response; then it is sent again, because most
 * such failures are temporary.
 *
 * @throws Error if it was refused again.
 */
export async function putEvent(client: Pick<EventBridgeClient, 'send'>, entry: Entry): Promise<void> {
  const refusal = await tryToPut(client, entry);
  if (refusal === undefined) return;
  const again = await tryToPut(client, entry);
  if (again !== undefined) throw new Error(again);
}

async function tryToPut(client: Pick<EventBridgeClient, 'send'>, entry: Entry): Promise<string | undefined> {
  const { Entries: [result] = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (result?.ErrorCode === undefined) return undefined;
  return `EventBridge refused the event: ${result.ErrorCode}: ${result.ErrorMessage ?? ''}`;
}
