import { appEvents, appPermissions } from './app-manifest.ts';

/** The result of one check, and what to do about a problem. */
export interface Finding {
  readonly subject: string;
  readonly isWell: boolean;
  /** The observed facts. */
  readonly seen: string;
  readonly advice?: string;
}

/** The App's settings on GitHub. */
export interface AppFacts {
  readonly name: string;
  readonly permissions: Readonly<Record<string, string | undefined>>;
  readonly events: readonly string[];
  /** The URL to which GitHub sends events. */
  readonly hookUrl: string;
  readonly installations: number;
  /** Recent deliveries that failed and were not redelivered successfully. */
  readonly failedDeliveries: number;
}

/** @param hookUrl the URL at which this server receives events. */
export function checkApp(facts: AppFacts, hookUrl: string): Finding[] {
  const lacking = Object.entries(appPermissions).filter(
    ([name, { level }]) => !suffices(facts.permissions[name], level),
  );
  const unsubscribed = Object.keys(appEvents).filter((name) => !facts.events.includes(name));
  return [
    { subject: 'credentials', isWell: true, seen: `GitHub knows the App as ${facts.name}` },
    finding('permissions', lacking.length === 0, {
      well: 'everything that Berth needs',
      ill: `missing: ${lacking.map(([name, { level }]) => `${name} (${level})`).join(', ')}`,
      advice:
        'Add them in the settings of the App, under "Permissions"; each installation is then asked to accept.',
    }),
    finding('events', unsubscribed.length === 0, {
      well: 'everything that Berth subscribes to',
      ill: `not subscribed: ${unsubscribed.join(', ')}`,
      advice: 'Select them in the settings of the App, under "Permissions & events".',
    }),
    finding('webhook', facts.hookUrl === hookUrl, {
      well: facts.hookUrl,
      ill: `GitHub sends events to ${facts.hookUrl === '' ? 'no URL' : facts.hookUrl}, and this server receives them at ${hookUrl}`,
      advice: 'Set the webhook URL in the settings of the App, or BERTH_PUBLIC_URL here.',
    }),
    finding('installations', facts.installations > 0, {
      well: String(facts.installations),
      ill: 'the App is not installed',
      advice: 'Install it on your repositories, from its page on GitHub.',
    }),
    finding('deliveries', facts.failedDeliveries === 0, {
      well: 'none has failed',
      ill: `${facts.failedDeliveries} have failed in the last three days`,
      advice:
        'A running server asks GitHub to redeliver them on start and every ten minutes. If they keep failing, GitHub cannot reach it.',
    }),
  ];
}

/** Whether GitHub accepts the client ID and secret; absent if there are none. */
export type ClientFacts = 'accepted' | 'refused' | 'absent';

/** Checks sign-in to the dashboard. @param callbackUrl the URL to which GitHub must redirect. */
export function checkSignIn(facts: ClientFacts, callbackUrl: string): Finding {
  return finding('sign-in', facts !== 'refused', {
    well:
      facts === 'accepted'
        ? `with GitHub, which accepts the client secret; the App must have the callback URL ${callbackUrl}`
        : 'only with API keys: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set',
    ill: 'GitHub refuses the client ID or the client secret',
    advice: 'Create a new client secret in the settings of the App, and set GITHUB_CLIENT_SECRET to it.',
  });
}

function suffices(has: string | undefined, needed: 'read' | 'write'): boolean {
  return has === needed || has === 'write' || has === 'admin';
}

function finding(
  subject: string,
  isWell: boolean,
  { well, ill, advice }: { well: string; ill: string; advice: string },
): Finding {
  return isWell ? { subject, isWell, seen: well } : { subject, isWell, seen: ill, advice };
}
