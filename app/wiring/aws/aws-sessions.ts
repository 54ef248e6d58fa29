import type { PeopleOptions } from '../../adapters/github/people.ts';
import { BerthError } from '../../core/model/errors.ts';
import { sessionTokens } from '../../http/auth/session-token.ts';
import type { Dashboard } from '../../http/dashboard/dashboard-deps.ts';
import { once } from '../../lib/once.ts';
import type { Clock } from '../../ports/clock.ts';
import type { People } from '../../ports/people.ts';
import type { GithubConfig } from '../config/config.ts';

const shortestSecret = 32;

export type Sessions = Pick<Dashboard, 'tokens' | 'people'>;

/**
 * Creates the session tokens of the functions' dashboard. Each use derives a key from the secret, so the App's private
 * key can serve if there is no other; if there is neither, the secret in the bucket does.
 *
 * @throws BerthError `config_invalid` if the secret can be guessed.
 */
export function sessionsOf(
  secret: string | undefined,
  github: GithubConfig | undefined,
  deps: { readonly clock: Clock; readonly shared: () => Promise<string> },
): () => Promise<Sessions> {
  if (secret !== undefined && secret.length < shortestSecret) {
    throw new BerthError('config_invalid', 'The secret of BERTH_SESSION_SECRET is short.', {
      hint: `Use at least ${shortestSecret} random characters.`,
    });
  }
  return async () => {
    const signing = secret ?? github?.privateKey ?? (await deps.shared());
    const tokens = sessionTokens(Buffer.from(signing), deps.clock);
    if (github?.client === undefined) return { tokens };
    return { tokens, people: lazyPeople({ ...github, client: github.client }) };
  };
}

/** Loaded on demand, like the executor: most invocations involve no sign-in. */
function lazyPeople(options: PeopleOptions): People {
  const people = once(async () => (await import('../../adapters/github/people.ts')).githubPeople(options));
  return {
    authorizeUrl: async (request) => (await people()).authorizeUrl(request),
    exchange: async (answer) => (await people()).exchange(answer),
    refresh: async (token) => (await people()).refresh(token),
    revoke: async (token) => (await people()).revoke(token),
    identify: async (token) => (await people()).identify(token),
    repositoriesOf: async (token) => (await people()).repositoriesOf(token),
  };
}
