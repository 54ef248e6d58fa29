/**
 * The permissions of the App and the reason for each. The setup page requests them, `berth doctor` compares them with
 * the granted ones, and docs/github-app.md lists them.
 */
export const appPermissions = {
  checks: { level: 'write', why: 'Report each run as a check run with annotations and buttons.' },
  contents: {
    level: 'read',
    why: 'Read `.github/berth.yml`, compare commits, and fetch the repository under test.',
  },
  deployments: { level: 'write', why: 'Show the commit of each stack as the environment `berth/<stack>`.' },
  merge_queues: { level: 'read', why: 'Receive merge groups.' },
  metadata: {
    level: 'read',
    why: 'Check whether a commenter has write access. Every App has this permission.',
  },
  pull_requests: { level: 'write', why: 'Read pull requests, and react and reply to commands in comments.' },
} as const;

/** The events that the App subscribes to, and what Berth does with them. */
export const appEvents = {
  check_run: '"Re-run", and the buttons retest, cancel, and release.',
  check_suite: '"Re-run all checks", and commits whose push event was lost.',
  delete: 'Deleted branches: Berth cancels their runs and releases their stacks.',
  issue_comment: 'Commands in comments.',
  merge_group: 'Merge queue groups.',
  pull_request: 'Pull requests that are opened, pushed to, converted to draft, closed, or retargeted.',
  push: 'Commits on branches without a pull request, and tags if the settings enable them.',
  repository: 'Renamed, transferred, and archived repositories.',
} as const;

/** The webhook path below the server's public address. */
export const webhookPath = '/api/github/webhooks';
/** The path that GitHub returns to after it has created the App. */
export const setupDonePath = '/setup/created';
/** The path that GitHub returns to after a sign-in. */
export const signedInPath = '/session/github/callback';

/**
 * Builds the manifest with which GitHub registers the App: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 *
 * @param publicUrl the server's public address, without a trailing slash.
 * @param redirectUrl the URL of the setup page, without a trailing slash.
 */
export function appManifest(publicUrl: string, redirectUrl: string): Readonly<Record<string, unknown>> {
  return {
    name: 'Berth',
    url: publicUrl,
    description: 'Gives every branch a locked test stack and runs its tests in fresh containers.',
    hook_attributes: { url: `${publicUrl}${webhookPath}`, active: true },
    redirect_url: `${redirectUrl}${setupDonePath}`,
    callback_urls: [`${publicUrl}${signedInPath}`],
    // Where GitHub leads a person who has installed the App.
    setup_url: publicUrl,
    // People sign in on the dashboard, not when they install the App.
    request_oauth_on_install: false,
    public: false,
    default_permissions: Object.fromEntries(
      Object.entries(appPermissions).map(([name, { level }]) => [name, level]),
    ),
    default_events: Object.keys(appEvents),
  };
}

/** The credentials that GitHub returns for a manifest. */
export interface AppCredentials {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** The App's page on GitHub. */
  readonly htmlUrl: string;
  /** Missing for an App that was set up by a version without sign-in. */
  readonly client?: AppClient;
}

/** The OAuth client of the App, for sign-in. */
export interface AppClient {
  readonly id: string;
  readonly secret: string;
}
