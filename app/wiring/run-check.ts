import type { Finding } from '../core/model/app-check.ts';
import { BerthError } from '../core/model/errors.ts';

const fallback = 'Check the credentials and permissions, and that the network reaches the service.';

/** Runs one check of the doctor; an exception is a failed check. */
export async function runCheck(subject: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { subject, isWell: true, seen: await look() };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const hint = error instanceof BerthError ? error.hint : undefined;
    return { subject, isWell: false, seen, advice: hint ?? fallback };
  }
}
