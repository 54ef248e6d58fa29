import { setTimeout as pause } from 'node:timers/promises';

const patienceMs = 120_000;

/**
 * Looks until what a page shows is as expected: its parts come one after the other, as their answers do.
 *
 * @throws the last result of the check, after two minutes.
 */
export async function settles<Shown>(
  look: () => Promise<Shown>,
  check: (shown: Shown) => void,
): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await pause(50)) {
    try {
      check(await look());
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
