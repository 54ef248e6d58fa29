import type { GuessedCommand } from '../model/repository-glance.ts';
import type { CachePreset } from './suite-cache.ts';

/** Finds the tools that download packages in a guessed command. */
const tools: readonly (readonly [preset: CachePreset, command: RegExp])[] = [
  ['npm', /\bnpm ci\b/],
  ['pnpm', /\bpnpm install\b/],
  ['yarn', /\byarn install\b/],
  ['pip', /\bpip install\b/],
  ['uv', /\buv sync\b/],
  ['poetry', /\bpoetry install\b/],
  ['go', /\bgo test\b/],
  ['cargo', /\bcargo test\b/],
  ['maven', /\bmvnw? -B\b/],
  ['gradle', /\bgradlew? --no-daemon\b/],
];

/** @returns the caches for the tools that a guessed command uses. */
export function cachesOfGuess({
  setup = '',
  command,
}: Pick<GuessedCommand, 'setup' | 'command'>): CachePreset[] {
  return tools.filter(([, pattern]) => pattern.test(`${setup}\n${command}`)).map(([preset]) => preset);
}
