import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { askGithub, plainOctokit } from './plain-octokit.ts';

/**
 * Exchanges the code that GitHub issued for a manifest for the App's credentials: only once, and within an hour.
 *
 * @throws BerthError `invalid_request` if GitHub does not accept the code, `github_unavailable` if it does not answer.
 */
export async function convertManifest(apiUrl: string, code: string): Promise<AppCredentials> {
  const { data } = await askGithub(
    () => plainOctokit(apiUrl).rest.apps.createFromManifest({ code }),
    'GitHub does not return the credentials of the App at the moment.',
    (cause) =>
      new BerthError('invalid_request', 'GitHub does not accept this code. It may have expired.', {
        cause,
        hint: 'A code works only once, and for an hour. If GitHub has already created the App, delete it there first.',
      }),
  );
  if (data.webhook_secret === null) throw new Error('GitHub created no webhook secret');
  return {
    appId: data.id,
    privateKey: data.pem,
    webhookSecret: data.webhook_secret,
    htmlUrl: data.html_url,
    client: { id: data.client_id, secret: data.client_secret },
  };
}
