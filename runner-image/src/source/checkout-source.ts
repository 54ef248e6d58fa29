import type { JobSource } from '../../../app/core/model/job.ts';
import type { CheckedOut } from '../process/command-env.ts';
import type { CheckoutOptions } from './git-checkout.ts';

/**
 * Fetches the source of a job into the checkout's directory.
 *
 * @throws RunnerError
 */
export async function checkoutSource(source: JobSource, options: CheckoutOptions): Promise<CheckedOut> {
  if (source.kind === 'git') {
    const { checkoutGit } = await import('./git-checkout.ts');
    return checkoutGit(source, options);
  }
  const { checkoutArchive } = await import('./archive-checkout.ts');
  return checkoutArchive(source, options);
}
