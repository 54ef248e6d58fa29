import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Signs tokens as GitHub's OIDC provider does, and publishes its keys. */
export interface TokenIssuer {
  readonly issuer: string;
  /** A token with the claims of a push to main of acme/site, unless `claims` says otherwise. */
  token(claims?: Record<string, unknown>, options?: TokenOptions): Promise<string>;
  /** The key set, as it is published. */
  readonly keySet: { readonly keys: readonly object[] };
}

interface TokenOptions {
  /** Seconds since 1970. */
  readonly issuedAt?: number;
  readonly livesSeconds?: number;
  readonly audience?: string;
  readonly issuer?: string;
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** @param defaults.keys shared by several issuers, because creating keys is slow. If omitted, new ones. */
export async function tokenIssuer(
  issuer: string,
  defaults: { readonly audience: string; readonly now: () => Date; readonly keys?: Keys },
): Promise<TokenIssuer> {
  const { publicKey, privateKey } = defaults.keys ?? (await generateKeyPair('RS256'));
  const kid = 'key-1';
  const keySet = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] };
  return {
    issuer,
    keySet,
    token(claims = {}, options = {}) {
      const issuedAt = options.issuedAt ?? Math.floor(defaults.now().getTime() / 1000);
      return new SignJWT({
        repository: 'acme/site',
        repository_id: '42',
        ref: 'refs/heads/main',
        actor: 'octocat',
        run_id: '17',
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer(options.issuer ?? issuer)
        .setAudience(options.audience ?? defaults.audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + (options.livesSeconds ?? 300))
        .sign(privateKey);
    },
  };
}
