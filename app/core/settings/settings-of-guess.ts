import { stringify } from 'yaml';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GuessedCommand } from '../model/repository-glance.ts';

/** Writes the `.github/berth.yml` that says what was guessed. */
export function settingsOfGuess({ setup, command, junit }: GuessedCommand): string {
  const suite = {
    ...omitUndefined({ setup }),
    command,
    ...(junit.length === 0 ? {} : { junit: junit.length === 1 ? junit[0] : junit }),
  };
  return stringify({ suites: { test: suite } }, { lineWidth: 0 });
}
