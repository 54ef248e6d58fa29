import { setTimeout } from 'node:timers/promises';
import { slackMessages } from '../adapters/events/slack-messages.ts';
import { webhookEvents } from '../adapters/events/webhook-events.ts';
import { type NoticeDeps, type NoticeSettings, noticeOf } from '../core/results/notices.ts';
import { keyedQueue } from '../lib/keyed-queue.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { BerthEvent, Events } from '../ports/events.ts';
import type { Logger } from '../ports/logger.ts';

/** The receivers of events and messages, in addition to those of the platform. */
export interface EventTargets {
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** The incoming webhook of Slack, which is a secret. */
  readonly slackUrl?: string;
  readonly notices: NoticeSettings;
}

type EventDeps = NoticeDeps & {
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'unique' | 'random'>;
  readonly log: Logger;
  /** How long a receiver may defer the next attempt, in milliseconds. */
  readonly longestWaitMs: number;
};

/** Publishes events to all receivers. One that fails does not affect the others. */
export function assembleEvents(
  own: Events,
  { webhook, slackUrl, notices }: EventTargets,
  deps: EventDeps,
): Events {
  const sending = { ...deps, sleep: (milliseconds: number) => setTimeout(milliseconds) };
  const targets = [
    own,
    ...(webhook === undefined ? [] : [webhookEvents({ ...sending, ...webhook })]),
    ...(slackUrl === undefined
      ? []
      : [slackEvents(slackMessages({ ...sending, url: slackUrl }), notices, deps)]),
  ];
  return {
    publish: async (event) => void (await Promise.all(targets.map((target) => target.publish(event)))),
  };
}

function slackEvents(
  send: (text: string) => Promise<void>,
  settings: NoticeSettings,
  deps: NoticeDeps & { readonly log: Logger },
): Events {
  // A recovery that overtakes the failure before it would leave the channel with the wrong last word.
  const inOrder = keyedQueue();
  return {
    publish: (event) =>
      inOrder(subjectOf(event), async () => {
        try {
          const text = await noticeOf(deps, settings, event);
          if (text !== undefined) await send(text);
        } catch (error) {
          deps.log.warn({ event: event.type, err: error }, 'a message could not be written');
        }
      }),
  };
}

/** Names the subject of an event. Messages about one subject are sent in their order. */
function subjectOf(event: BerthEvent): string {
  if (!('run' in event)) return event.type;
  const { projectId, spec } = event.run;
  return JSON.stringify([projectId, spec.branch, spec.suite]);
}

/** Publishes events in the background, for a process that keeps running. */
export interface BackgroundEvents extends Events {
  /** Resolves when nothing is being sent, or after a few seconds. */
  settled(): Promise<void>;
}

const mostSettleMilliseconds = 5_000;

export function inBackground(events: Events): BackgroundEvents {
  const sending = new Set<Promise<void>>();
  return {
    async publish(event: BerthEvent) {
      const sent = events.publish(event).finally(() => sending.delete(sent));
      sending.add(sent);
    },
    async settled() {
      await Promise.race([
        Promise.allSettled(sending),
        setTimeout(mostSettleMilliseconds, undefined, { ref: false }),
      ]);
    },
  };
}
