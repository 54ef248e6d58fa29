import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Renewals, RenewingTask } from '../../ports/renewals.ts';

/**
 * @param options.baseUrl where tasks reach this API, without a trailing slash.
 * @param options.secret shared by the processes of this installation; read on first use.
 */
export function signedRenewals(options: {
  readonly baseUrl: string;
  readonly secret: () => Promise<string | Uint8Array>;
}): Renewals {
  const signatureOf = async ({ runId, launch }: RenewingTask): Promise<Buffer> => {
    // A separate key: this signature must never be valid for anything else.
    const key = createHmac('sha256', await options.secret())
      .update('berth upload renewal')
      .digest();
    return createHmac('sha256', key)
      .update(JSON.stringify([runId, launch]))
      .digest();
  };
  return {
    async urlOf(task) {
      const signature = (await signatureOf(task)).toString('base64url');
      const path = `/workflow/${encodeURIComponent(task.runId)}/uploads`;
      return `${options.baseUrl}${path}?launch=${task.launch}&signature=${signature}`;
    },
    async allows(task, signature) {
      const given = Buffer.from(signature, 'base64url');
      const expected = await signatureOf(task);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
