import { ProbotOctokit } from 'probot';
import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';

/**
 * Exchanges the code that GitHub gave for a manifest, once and within the hour, for the App's credentials.
 *
 * @throws BerthError `invalid_request` where GitHub does not know the code (any more).
 */
export async function convertManifest(apiUrl: string, code: string): Promise<AppCredentials> {
  const octokit = new ProbotOctokit({
    baseUrl: apiUrl,
    retry: { enabled: false },
    throttle: { enabled: false },
  });
  try {
    const { data } = await octokit.request('POST /app-manifests/{code}/conversions', { code });
    if (data.webhook_secret === null) throw new Error('GitHub made no webhook secret');
    return {
      appId: data.id,
      privateKey: data.pem,
      webhookSecret: data.webhook_secret,
      htmlUrl: data.html_url,
      client: { id: data.client_id, secret: data.client_secret },
    };
  } catch (cause) {
    throw new BerthError('invalid_request', 'GitHub does not know this code, or does not know it any more.', {
      cause,
      hint: 'Open the setup page again and create the App from there.',
    });
  }
}
