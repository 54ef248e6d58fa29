import type { Probot } from 'probot';
import type { Dispatch } from '../deliveries/handle-delivery.ts';

/** Handles a verified event by the handlers that were loaded into Probot. */
export function dispatchTo(probot: Probot): Dispatch {
  return async ({ id, name, payload }) => {
    // Octokit's types know each event by its name; this name is known when the event arrives, and the dispatcher drops
    // an event without a handler.
    type Event = Parameters<Probot['webhooks']['receive']>[0];
    await probot.webhooks.receive({ id, name, payload: JSON.parse(payload) } as Event);
  };
}
