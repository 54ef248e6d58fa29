import { LostRace } from '../../core/model/errors.ts';

/** More than this many losses in a row of one write are a bug, not a race. */
const maxTries = 20;

/**
 * Reads, decides and writes again for as long as another writer was quicker.
 *
 * @param attempt one try; `again` where what it had read was no longer so when it wrote.
 * @throws LostRace where it never gets through.
 */
export async function retryOnConflict<Result>(attempt: () => Promise<Result | 'again'>): Promise<Result> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const result = await attempt();
    if (result !== 'again') return result;
  }
  throw new LostRace(`a write lost ${maxTries} races in a row`);
}
