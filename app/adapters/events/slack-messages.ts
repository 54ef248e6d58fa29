import { type DeliverDeps, deliver } from './deliver.ts';

/**
 * Sends messages to an incoming webhook of Slack, or of a service that takes the same (Mattermost, Rocket.Chat, Discord with
 * `/slack` at the end of its URL).
 */
export function slackMessages(deps: DeliverDeps & { readonly url: string }): (text: string) => Promise<void> {
  return (text) =>
    deliver(deps, {
      url: deps.url,
      headers: {},
      body: JSON.stringify({ text, unfurl_links: false, unfurl_media: false }),
      facts: { message: 'slack' },
    });
}
