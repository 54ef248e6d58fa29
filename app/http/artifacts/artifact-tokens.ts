import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { ArtifactOrigin } from './artifact-origin.ts';

/** Long enough to read a report; a link from the dashboard makes a new one. */
const lifetimeSeconds = 12 * 3600;

/** Tokens in the paths of artifacts: the links inside a report keep them, and cookies are not needed. */
export interface ArtifactTokens {
  seal(runId: string): string;
  /** Tells whether a token was made for this run, and has not expired. */
  isValid(token: string, runId: string): boolean;
}

/** Opens artifacts in the browser. */
export interface ArtifactViewer {
  readonly origin: ArtifactOrigin;
  readonly tokens: ArtifactTokens;
}

/** @param secret 32 bytes or more that only this server and its peers have. */
export function artifactTokens(secret: Uint8Array, clock: Clock): ArtifactTokens {
  // A key for this use only: a token must never pass for anything else.
  const key = createHmac('sha256', secret).update('berth artifact links').digest();
  const sign = (expires: string, runId: string): Buffer =>
    createHmac('sha256', key).update(`${expires}\n${runId}`).digest();
  return {
    seal(runId) {
      const expires = Math.floor(clock.now().getTime() / 1000 + lifetimeSeconds).toString(36);
      return `${expires}.${sign(expires, runId).toString('base64url')}`;
    },
    isValid(token, runId) {
      const [expires = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(expires, runId);
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      return isOurs && Number.parseInt(expires, 36) * 1000 > clock.now().getTime();
    },
  };
}
