import {
  deleteToken,
  exchangeWebFlowCode,
  getWebFlowAuthorizationUrl,
  refreshToken,
} from '@octokit/oauth-methods';
import type { Octokit } from '@octokit/rest';
import type { AppClient } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { People, SeenRepository, UserTokens } from '../../ports/people.ts';
import { askGithub, plainOctokit } from './plain-octokit.ts';
import { retryHint, statusOf } from './rate-gate.ts';

export interface PeopleOptions {
  readonly client: AppClient;
  /** `https://api.github.com`, or `https://<host>/api/v3` of GitHub Enterprise Server. */
  readonly apiUrl: string;
}

/** GitHub's maximum page size. */
const pageSize = 100;

/** People by the web flow of the GitHub App: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app */
export function githubPeople({ client, apiUrl }: PeopleOptions): People {
  const octokitAs = (token?: string): Octokit => plainOctokit(apiUrl, token);
  const { request } = octokitAs();
  const app = { clientType: 'github-app', clientId: client.id, clientSecret: client.secret } as const;

  return {
    async authorizeUrl({ state, codeChallenge, redirectUrl }) {
      const { url } = getWebFlowAuthorizationUrl({ ...app, request, state, redirectUrl, allowSignup: false });
      const withChallenge = new URL(url);
      withChallenge.searchParams.set('code_challenge', codeChallenge);
      withChallenge.searchParams.set('code_challenge_method', 'S256');
      return withChallenge.href;
    },

    async exchange({ code, codeVerifier, redirectUrl }) {
      // The library does not support PKCE, but default parameters are added to the body of a request.
      const proving = request.defaults({ baseUrl: apiUrl, code_verifier: codeVerifier });
      const { authentication } = await asked(
        () => exchangeWebFlowCode({ ...app, request: proving, code, redirectUrl }),
        'sign_in_failed',
      );
      return tokensOf(authentication);
    },

    async refresh(token) {
      const { authentication } = await asked(
        () => refreshToken({ ...app, request, refreshToken: token }),
        'unauthorized',
      );
      return tokensOf(authentication);
    },

    async revoke(token) {
      try {
        await asked(() => deleteToken({ ...app, request, token }), 'unauthorized');
      } catch (error) {
        // 404, 422: GitHub does not know the token, or no longer does.
        if (!(error instanceof BerthError) || error.code !== 'unauthorized') throw error;
      }
    },

    async identify(token) {
      const { data } = await asked(() => octokitAs(token).rest.users.getAuthenticated(), 'unauthorized');
      return { id: data.id, login: data.login, ...(data.name ? { name: data.name } : {}) };
    },

    async repositoriesOf(token) {
      const octokit = octokitAs(token);
      const installations = await asked(
        () =>
          octokit.paginate(octokit.rest.apps.listInstallationsForAuthenticatedUser, { per_page: pageSize }),
        'unauthorized',
      );
      const active = installations.filter(({ suspended_at }) => suspended_at === null);
      const lists = await Promise.all(active.map(({ id }) => repositoriesThrough(octokit, id)));
      return lists.flat();
    },
  };
}

function repositoriesThrough(octokit: Octokit, installationId: number): Promise<SeenRepository[]> {
  return asked(async () => {
    try {
      const repositories = await octokit.paginate(
        octokit.rest.apps.listInstallationReposForAuthenticatedUser,
        { installation_id: installationId, per_page: pageSize },
      );
      return repositories.map(({ id, permissions }) => ({
        repositoryId: id,
        mayWrite: permissions?.push === true || permissions?.maintain === true || permissions?.admin === true,
      }));
    } catch (error) {
      // 404: the App was removed since. 403: the organization requires single sign-on first. Its repositories are not visible.
      const isShut = [403, 404].includes(statusOf(error) ?? 0) && retryHint(error, new Date()) === undefined;
      if (isShut) return [];
      throw error;
    }
  }, 'unauthorized');
}

function tokensOf(authentication: {
  readonly token: string;
  readonly refreshToken?: string;
  readonly expiresAt?: string;
}): UserTokens {
  const { token, refreshToken, expiresAt } = authentication;
  return omitUndefined({
    accessToken: token,
    expires: expiresAt === undefined ? undefined : new Date(expiresAt),
    refreshToken,
  });
}

function asked<Answer>(
  call: () => Promise<Answer>,
  refusal: 'unauthorized' | 'sign_in_failed',
): Promise<Answer> {
  const what = refusal === 'unauthorized' ? 'your sign-in' : 'the code';
  return askGithub(
    call,
    'GitHub does not report your access at the moment.',
    (cause) => new BerthError(refusal, `GitHub does not accept ${what}.`, { cause, hint: 'Sign in again.' }),
  );
}
