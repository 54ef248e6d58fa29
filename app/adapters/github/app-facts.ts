import type { AppFacts } from '../../core/model/app-check.ts';
import { findFailedDeliveries } from './deliveries.ts';
import type { GithubApp } from './github-app.ts';

/** Reads the App from GitHub. @throws TryLater; GitHub's error if the credentials are not valid. */
export function appFacts(github: GithubApp, since: Date): Promise<AppFacts> {
  return github.asApp(async (octokit) => {
    const { data: app } = await octokit.rest.apps.getAuthenticated();
    const { data: hook } = await octokit.rest.apps.getWebhookConfigForApp();
    const failed = await findFailedDeliveries(octokit, since);
    return {
      name: app?.name ?? '',
      permissions: app?.permissions ?? {},
      events: app?.events ?? [],
      hookUrl: hook.url ?? '',
      installations: app?.installations_count ?? 0,
      failedDeliveries: failed.length,
    };
  });
}
