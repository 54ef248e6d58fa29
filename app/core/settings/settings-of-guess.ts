import { stringify } from 'yaml';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GuessedCommand } from '../model/repository-glance.ts';
import { cachesOfGuess } from './caches-of-guess.ts';

/** Writes the guess as a `.github/berth.yml`. */
export function settingsOfGuess({ setup, command, junit }: GuessedCommand): string {
  const cache = oneOrList(cachesOfGuess({ ...omitUndefined({ setup }), command }));
  const suite = omitUndefined({ setup, command, cache, junit: oneOrList(junit) });
  return stringify({ suites: { test: suite } }, { lineWidth: 0 });
}

function oneOrList(list: readonly string[]): string | readonly string[] | undefined {
  return list.length > 1 ? list : list[0];
}
