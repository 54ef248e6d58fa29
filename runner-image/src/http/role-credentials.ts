import type { JobRenewal, RoleCredentials } from '../../../app/core/model/job.ts';
import type { CredentialAnswer } from '../process/credential-endpoint.ts';

/** SDKs renew their credentials a few minutes before they expire: these must be newer by then. */
const renewBeforeMs = 10 * 60 * 1000;

/**
 * Keeps the credentials of the suite's role fresh while Berth issues them.
 *
 * @param renew asks Berth. @throws Error if Berth does not answer.
 * @param onSecret is given each value that must not appear in the log.
 */
export function createRoleCredentials(
  first: RoleCredentials,
  deps: {
    readonly renew: () => Promise<Pick<JobRenewal, 'credentials' | 'credentialsRefused'>>;
    readonly onSecret: (value: string) => void;
    readonly pause: (milliseconds: number) => Promise<unknown>;
    /** In milliseconds. */
    readonly now: () => number;
  },
): () => Promise<CredentialAnswer> {
  let current = first;
  let refusal: string | undefined;
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const { credentials: fresh, credentialsRefused } = await deps.renew();
    refusal = credentialsRefused;
    if (fresh === undefined) return;
    for (const secret of [fresh.SecretAccessKey, fresh.Token]) deps.onSecret(secret);
    current = fresh;
  }

  return async () => {
    const leftMs = () => Date.parse(current.Expiration) - deps.now();
    if (leftMs() < renewBeforeMs) {
      // Several processes that ask at the same time share one renewal.
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      // SDKs wait for seconds only, and the current ones are still good.
      await Promise.race([renewing.catch(() => undefined), deps.pause(leftMs() > 0 ? 2_000 : 30_000)]);
    }
    if (refusal !== undefined) return { refusal, isFinal: true };
    return leftMs() > 0
      ? { credentials: current }
      : { refusal: 'Berth did not renew the credentials.', isFinal: false };
  };
}
