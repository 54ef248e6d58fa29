import { createGithubApp, type GithubApp } from '../../app/adapters/github/github-app.ts';
import type { Clock } from '../../app/ports/clock.ts';
import type { GithubStandIn } from './github-stand-in/start-github-stand-in.ts';

export const silentLog = { info() {}, warn() {}, error() {} };
export const realClock: Clock = { now: () => new Date() };

/** The App that is registered with a stand-in, signed in. */
export function githubAppAt(standIn: GithubStandIn, clock: Clock = realClock): Promise<GithubApp> {
  const { appId, privateKey, webhookSecret } = standIn.identity;
  const { apiUrl, fetch } = standIn;
  return createGithubApp({ appId, privateKey, webhookSecret, apiUrl, fetch, clock, log: silentLog });
}
