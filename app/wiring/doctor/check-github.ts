import { pino } from 'pino';
import { appFacts } from '../../adapters/github/app-facts.ts';
import { clientFacts } from '../../adapters/github/client-facts.ts';
import { createGithubApp } from '../../adapters/github/github-app.ts';
import { isOutage } from '../../adapters/github/plain-octokit.ts';
import { statusOf } from '../../adapters/github/rate-gate.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { checkApp, checkSignIn, type Finding } from '../../core/model/app-check.ts';
import { signedInPath, webhookPath } from '../../core/model/app-manifest.ts';
import { networkFailure } from '../../lib/network-failure.ts';
import type { GithubConfig } from '../config/config.ts';

const threeDaysMs = 3 * 24 * 3600 * 1000;

/** Checks the GitHub App of the installation at a URL: credentials, permissions, webhooks and sign-in. */
export async function checkGithub(config: GithubConfig, url: string): Promise<readonly Finding[]> {
  return [
    ...(await checkRegisteredApp(config, `${url}${webhookPath}`)),
    await checkGithubSignIn(config, url),
  ];
}

async function checkRegisteredApp(config: GithubConfig, hookUrl: string): Promise<readonly Finding[]> {
  try {
    const log = pino({ level: 'silent' });
    const app = await createGithubApp({ ...config, clock: systemClock, log });
    return checkApp(await appFacts(app, new Date(systemClock.now().getTime() - threeDaysMs)), hookUrl);
  } catch (error) {
    const unreachable = networkFailure(error);
    if (unreachable !== undefined) {
      const seen = `GitHub cannot be reached at ${config.apiUrl}: ${unreachable}`;
      const advice = 'Check GHE_HOST, and the DNS, proxy, and firewall of this machine.';
      return [{ subject: 'credentials', isWell: false, seen, advice }];
    }
    // Without a status, no request was sent: the private key is not one.
    if (statusOf(error) !== undefined && isOutage(error)) return [noAnswer('credentials', config.apiUrl)];
    const seen = `GitHub refuses them at ${config.apiUrl}: ${error instanceof Error ? error.message : String(error)}`;
    const advice =
      'Check APP_ID and PRIVATE_KEY against the settings of the App, GHE_HOST, and the clock of this machine.';
    return [{ subject: 'credentials', isWell: false, seen, advice }];
  }
}

async function checkGithubSignIn({ client, apiUrl }: GithubConfig, url: string): Promise<Finding> {
  const callbackUrl = `${url}${signedInPath}`;
  if (client === undefined) return checkSignIn('absent', callbackUrl);
  try {
    return checkSignIn(await clientFacts({ client, apiUrl }), callbackUrl);
  } catch {
    return noAnswer('sign-in', apiUrl);
  }
}

function noAnswer(subject: string, apiUrl: string): Finding {
  const advice = 'Try again in a minute; see https://www.githubstatus.com for github.com.';
  return { subject, isWell: false, seen: `GitHub does not answer at ${apiUrl}`, advice };
}
