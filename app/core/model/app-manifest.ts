/**
 * What the App asks of GitHub, and why: nothing that is not used. The setup page sends it, `berth doctor` compares it
 * with what was granted, and docs/github-app.md lists it.
 */
export const appPermissions = {
  checks: { level: 'write', why: 'shows each run as a check run, with its annotations and buttons' },
  contents: {
    level: 'read',
    why: 'reads `.github/berth.yml`, compares commits, and lets a run fetch the one repository it tests',
  },
  deployments: { level: 'write', why: 'shows which commit has which stack, as environments `berth/<stack>`' },
  merge_queues: { level: 'read', why: 'hears of merge groups that wait to be tested' },
  metadata: { level: 'read', why: 'asks whether a commenter has write access; every App has it' },
  pull_requests: {
    level: 'write',
    why: 'sees pull requests, and reacts to and answers commands in comments',
  },
} as const;

export const appEvents = {
  check_run: '“Re-run”, and the buttons retest, cancel and release',
  check_suite: '“Re-run all checks”, and commits whose push event was missed',
  delete: 'a deleted branch: what it ran is cancelled, what it held is free',
  issue_comment: 'commands in comments',
  merge_group: 'groups in a merge queue',
  pull_request: 'opened, pushed to, drafted, closed, or given another base',
  push: 'commits on branches without a pull request, and tags where the settings ask for them',
  repository: 'renamed, moved, archived',
} as const;

/** Where GitHub sends events, below the public address of the server. */
export const webhookPath = '/api/github/webhooks';
/** Where GitHub sends the person who created the App back to. */
export const setupDonePath = '/setup/created';
/** Where GitHub sends a person who signs in back to. */
export const signedInPath = '/session/github/callback';

/**
 * The manifest by which GitHub registers the App: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 *
 * @param publicUrl where GitHub reaches this server, without a slash at its end.
 */
export function appManifest(publicUrl: string): Readonly<Record<string, unknown>> {
  return {
    name: 'Berth',
    url: publicUrl,
    description:
      'Gives every branch a berth: a locked test stack, and a fresh container that runs its tests.',
    hook_attributes: { url: `${publicUrl}${webhookPath}`, active: true },
    redirect_url: `${publicUrl}${setupDonePath}`,
    callback_urls: [`${publicUrl}${signedInPath}`],
    // Berth asks people to sign in where they want to see something, not where they install the App.
    request_oauth_on_install: false,
    public: false,
    default_permissions: Object.fromEntries(
      Object.entries(appPermissions).map(([name, { level }]) => [name, level]),
    ),
    default_events: Object.keys(appEvents),
  };
}

/** What GitHub hands out for a manifest. */
export interface AppCredentials {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** The App's page on GitHub. */
  readonly htmlUrl: string;
  /** Absent: an App that was set up before people could sign in with it. */
  readonly client?: AppClient;
}

/** By what the App lets people sign in. */
export interface AppClient {
  readonly id: string;
  readonly secret: string;
}
