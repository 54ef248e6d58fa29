import { BerthError } from '../../app/core/model/errors.ts';

/** Does what Berth may refuse. @throws any other error. */
export async function unlessRefused(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
  }
}
