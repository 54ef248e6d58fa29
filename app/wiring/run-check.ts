import type { Finding } from './domain/doctor.ts';
import { BerthError } from './domain/errors.ts';

const fallback = 'Check the credentials and permissions of whoever asks, and that the network reaches it.';

/** What a look at something found; one that throws found that it is not well. */
export async function findingOf(subject: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { subject, isWell: true, seen: await look() };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const hint = error instanceof BerthError ? error.hint : undefined;
    return { subject, isWell: false, seen, advice: hint ?? fallback };
  }
}
