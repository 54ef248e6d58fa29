import type { AppFacts } from '../../core/model/app-check.ts';
import { findFailedDeliveries } from './deliveries.ts';
import type { GithubApp } from './github-app.ts';

/** What GitHub says of the App. @throws TryLater; the error of GitHub where the credentials are not the App's. */
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
