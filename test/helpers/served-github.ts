import { signedInPath } from '../../app/core/model/app-manifest.ts';
import { parseConfig } from '../../app/wiring/config/config.ts';
import { type RunningServer, serve } from '../../app/wiring/server.ts';
import type { GithubStandIn } from './github-stand-in/start-github-stand-in.ts';

/** The first API key of such a server. */
export const apiKey = 'a-key-of-the-tests-0123456789';

/** The environment in which Berth is the App of a stand-in. */
export function environmentFor(github: GithubStandIn, dataDir: string): Record<string, string> {
  return {
    PORT: '0',
    BERTH_DATA_DIR: dataDir,
    BERTH_EXECUTOR: 'process',
    BERTH_API_KEY: apiKey,
    BERTH_LOG_LEVEL: 'silent',
    APP_ID: String(github.identity.appId),
    PRIVATE_KEY: github.identity.privateKey,
    WEBHOOK_SECRET: github.identity.webhookSecret,
    GITHUB_CLIENT_ID: github.identity.clientId,
    GITHUB_CLIENT_SECRET: github.identity.clientSecret,
    GHE_HOST: github.host,
    GHE_PROTOCOL: 'http',
    PATH: process.env.PATH ?? '',
  };
}

/** Berth as its users start it, registered with a stand-in that sends its webhooks there. */
export async function serveFor(github: GithubStandIn, dataDir: string): Promise<RunningServer> {
  const server = await serve(parseConfig(environmentFor(github, dataDir)));
  github.state.webhookUrl = `${server.url}/api/github/webhooks`;
  github.state.callbackUrls.push(`${server.url}${signedInPath}`);
  return server;
}
