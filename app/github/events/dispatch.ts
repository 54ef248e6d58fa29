import type { Probot } from 'probot';
import type { Dispatch } from '../deliveries/handle-delivery.ts';

/** Handles a verified event by the handlers that were loaded into Probot. */
export function dispatchTo(probot: Probot): Dispatch {
  return async ({ id, name, payload }) => {
    // Octokit's types know each event by its name; this one is known when it comes, and one that nobody handles is let
    // go by its dispatcher.
    type Event = Parameters<Probot['webhooks']['receive']>[0];
    await probot.webhooks.receive({ id, name, payload: JSON.parse(payload) } as Event);
  };
}
