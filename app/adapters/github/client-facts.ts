import { checkToken } from '@octokit/oauth-methods';
import type { ClientFacts } from '../../core/model/app-check.ts';
import type { PeopleOptions } from './people.ts';
import { plainOctokit } from './plain-octokit.ts';
import { statusOf } from './rate-gate.ts';

/** Has the form of GitHub's tokens, and belongs to no one. */
const unknownToken = `ghu_${'0'.repeat(36)}`;

/** Asks GitHub whether it accepts the client ID and secret, without a person. @throws GitHub's error if it does not say. */
export async function clientFacts({ client, apiUrl }: PeopleOptions): Promise<ClientFacts> {
  const { request } = plainOctokit(apiUrl);
  try {
    const { id: clientId, secret: clientSecret } = client;
    await checkToken({ clientType: 'github-app', clientId, clientSecret, token: unknownToken, request });
    return 'accepted';
  } catch (error) {
    const status = statusOf(error);
    // GitHub checks the client first, and then answers that the token does not exist.
    if (status === 404 || status === 422) return 'accepted';
    if (status === 401) return 'refused';
    throw error;
  }
}
