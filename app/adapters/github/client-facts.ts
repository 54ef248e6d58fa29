import { checkToken } from '@octokit/oauth-methods';
import { ProbotOctokit } from 'probot';
import type { ClientFacts } from '../../core/model/app-check.ts';
import type { PeopleOptions } from './people.ts';
import { statusOf } from './rate-gate.ts';

/** Of the form of GitHub's, and nobody's. */
const nobodysToken = `ghu_${'0'.repeat(36)}`;

/** What GitHub says of the client id and secret, without a person. @throws the error of GitHub where it says neither. */
export async function clientFacts({ client, apiUrl }: PeopleOptions): Promise<ClientFacts> {
  const { request } = new ProbotOctokit({
    baseUrl: apiUrl,
    retry: { enabled: false },
    throttle: { enabled: false },
  });
  try {
    const { id: clientId, secret: clientSecret } = client;
    await checkToken({ clientType: 'github-app', clientId, clientSecret, token: nobodysToken, request });
    return 'accepted';
  } catch (error) {
    const status = statusOf(error);
    // Who may ask is judged first: it is told that there is no such token.
    if (status === 404 || status === 422) return 'accepted';
    if (status === 401) return 'refused';
    throw error;
  }
}
