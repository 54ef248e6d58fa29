/** What proves to Berth who asks. */
export interface Credentials {
  /** Headers for one request. @throws where there is no proof to be had. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Berth refused what `headers` gave last. @returns whether asking again gives something else. */
  renew(): boolean;
}

export function apiKeyCredentials(key: string): Credentials {
  return { headers: async () => ({ 'X-API-Key': key }), renew: () => false };
}

/** A token is replaced this long before it ends, so that it does not end on its way. */
const headStartMs = 60_000;

/**
 * Tokens of GitHub's OIDC provider. They live for minutes and runs for hours, so a new one is fetched whenever the
 * old one is about to end, or is refused.
 *
 * @param options.fetchToken asks the runner for a new token.
 */
export function oidcCredentials(options: {
  readonly fetchToken: () => Promise<string>;
  readonly now: () => number;
}): Credentials {
  let token: { readonly text: string; readonly endsAt: number } | undefined;
  return {
    async headers() {
      if (token === undefined || token.endsAt - headStartMs <= options.now()) {
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
  old: { readonly text: string; readonly endsAt: number } | undefined,
  { fetchToken, now }: { fetchToken: () => Promise<string>; now: () => number },
): Promise<{ readonly text: string; readonly endsAt: number }> {
  try {
    const text = await fetchToken();
    return { text, endsAt: endOf(text) };
  } catch (error) {
    // The old one still opens the door for a moment, and the next request asks again.
    if (old !== undefined && old.endsAt > now()) return old;
    throw error;
  }
}

/** When a token ends, in milliseconds; never, where it does not say: then a refusal renews it. */
function endOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (typeof claims === 'object' && claims !== null && 'exp' in claims && typeof claims.exp === 'number') {
      return claims.exp * 1000;
    }
  } catch {
    // Whether it is a token at all is for Berth to say.
  }
  return Number.POSITIVE_INFINITY;
}
