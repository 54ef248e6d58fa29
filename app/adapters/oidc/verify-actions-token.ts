import type { createRemoteJWKSet, JWTPayload } from 'jose';
import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { ActionsIdentity, VerifyActionsToken } from '../../ports/actions-tokens.ts';
import type { Clock } from '../../ports/clock.ts';

export interface ActionsTokenOptions {
  /** The issuer of the tokens, without a trailing slash. */
  readonly issuer: string;
  /** The audience that tokens must have. */
  readonly audience: string;
  readonly clock: Clock;
  /** Fetches the issuer's keys. */
  readonly fetch?: typeof fetch;
}

/** https://docs.github.com/actions/reference/openid-connect-reference */
const claimsSchema = z.object({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  repository_id: z.coerce.number().int().positive(),
  repository_owner_id: z.coerce.number().int().positive().optional(),
  event_name: z.string().min(1).optional(),
  environment: z.string().min(1).optional(),
  /** `octo-org/shop/.github/workflows/test.yml@refs/heads/main` */
  workflow_ref: z.string().min(1).optional(),
  ref: z.string().min(1),
  actor: z.string().min(1),
  run_id: z.coerce.string(),
});

/** Clocks differ by seconds; accepting a token for a minute after its expiration is safe. */
const clockToleranceSeconds = 30;

/**
 * Verifies tokens with the published keys of their issuer, which are cached, and fetched again if a token
 * names an unknown one.
 */
export function verifyActionsToken(options: ActionsTokenOptions): VerifyActionsToken {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (token) => {
    // Loaded on use: most starts of a function verify no such token.
    const jose = await import('jose');
    keys ??= jose.createRemoteJWKSet(new URL(`${options.issuer}/.well-known/jwks`), {
      timeoutDuration: 5_000,
      ...(options.fetch === undefined ? {} : { [jose.customFetch]: options.fetch }),
    });
    try {
      const { payload } = await jose.jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        // What GitHub signs with. Never what the token itself says: https://www.rfc-editor.org/rfc/rfc8725#section-3.1
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'iat'],
        clockTolerance: clockToleranceSeconds,
        currentDate: options.clock.now(),
      });
      return identityOf(payload);
    } catch (error) {
      throw refusal(error, options, jose.errors);
    }
  };
}

type JoseErrors = typeof import('jose').errors;

function identityOf(payload: JWTPayload): ActionsIdentity {
  const claims = claimsSchema.parse(payload);
  return omitUndefined({
    repository: claims.repository,
    repositoryId: claims.repository_id,
    repositoryOwnerId: claims.repository_owner_id,
    event: claims.event_name,
    environment: claims.environment,
    workflowFile: claims.workflow_ref?.match(/^[^/]+\/[^/]+\/([^@]+)@/)?.[1],
    ref: claims.ref,
    actor: claims.actor,
    workflowRunId: claims.run_id,
  });
}

/** Explains to the caller why a token is refused; an error that is not about the token passes through unchanged. */
function refusal(error: unknown, { issuer, audience }: ActionsTokenOptions, errors: JoseErrors): unknown {
  const reason = reasonOf(error, issuer, audience, errors);
  if (reason === undefined) return error;
  return new BerthError('unauthorized', `This OIDC token is refused: ${reason}.`, {
    cause: error,
    hint: 'docs/action.md, "Without keys", says how a workflow gets one.',
  });
}

function reasonOf(error: unknown, issuer: string, audience: string, errors: JoseErrors): string | undefined {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return `it is not meant for ${audience}`;
    if (error.claim === 'iss') return `it was not issued by ${issuer}`;
    return `its claim ${error.claim} is not valid`;
  }
  if (error instanceof z.ZodError) return 'it is not a token of GitHub Actions';
  const isForged =
    error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey;
  if (isForged) return 'its signature does not match a key of its issuer';
  const isMalformed =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported;
  return isMalformed ? "it does not have the format of GitHub's tokens" : undefined;
}
