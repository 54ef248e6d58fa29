import type { Credentials } from '../app/client/credentials.ts';

/** A token is replaced this long before it expires, so that it does not expire during a request. */
const marginMs = 60_000;

interface Token {
  readonly text: string;
  readonly validUntil: number;
}

/**
 * Tokens of GitHub's OIDC provider. They are valid for minutes and runs take hours, so a new one is fetched when the
 * old one is about to expire, or is refused.
 *
 * @param options.fetchToken requests a new token from the runner.
 */
export function oidcCredentials(options: {
  readonly fetchToken: () => Promise<string>;
  readonly now: () => number;
}): Credentials {
  let token: Token | undefined;
  return {
    async headers() {
      if (token === undefined || token.validUntil - marginMs <= options.now()) {
        token = await replace(token, options);
      }
      return { Authorization: `Bearer ${token.text}` };
    },
    renew() {
      token = undefined;
      return true;
    },
  };
}

async function replace(
  old: Token | undefined,
  { fetchToken, now }: { fetchToken: () => Promise<string>; now: () => number },
): Promise<Token> {
  try {
    const text = await fetchToken();
    return { text, validUntil: endOf(text) };
  } catch (error) {
    // The old token is still valid for a moment, and the next request tries again.
    if (old !== undefined && old.validUntil > now()) return old;
    throw error;
  }
}

/** When a token expires, in milliseconds; never if it does not say, since a refusal renews it. */
function endOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (typeof claims === 'object' && claims !== null && 'exp' in claims && typeof claims.exp === 'number') {
      return claims.exp * 1000;
    }
  } catch {
    // Berth decides whether it is a token at all.
  }
  return Number.POSITIVE_INFINITY;
}
