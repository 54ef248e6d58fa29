import { LostRace } from './errors.ts';

/** More than this many losses in a row of one write are a bug, not a race. */
const maxTries = 100;

/**
 * Reads, decides and writes again while another writer was first.
 *
 * @param attempt one attempt. It throws LostRace if the data that it read was no longer current when it wrote.
 * @throws LostRace if no attempt succeeds.
 */
export async function retryLostRace<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LostRace) || tries === maxTries) throw error;
    }
  }
}

/** Makes one conditional write. @returns undefined if another writer was first. */
export async function unlessLost<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
}
