import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';
import { guessCommand } from './guess-command.ts';
import { guessNodeWorkspace } from './guess-node-command.ts';

/** Looks into a directory of the repository; `''` is its root. */
export type Glance = (directory: string) => Promise<RepositoryGlance>;

/** Directories that hold the packages of a repository of many. */
const containers = new Set([
  'packages',
  'apps',
  'services',
  'libs',
  'modules',
  'projects',
  'crates',
  'components',
]);
/** Directories with code that is not part of what is tested. */
const besides =
  /^(?:\..*|docs?|examples?|samples?|node_modules|vendor|third[_-]party|fixtures?|benchmarks?|scripts|tools|dist|build|target)$/;
/** Its name becomes part of the command. */
const plainName = /^[\w@][\w.@-]{0,99}$/;
const maxDirectories = 20;

/**
 * Guesses how a repository is tested: at its root, or otherwise in each of its packages.
 *
 * @returns undefined if nothing is recognized.
 */
export async function guessRepository(glance: Glance): Promise<GuessedCommand | undefined> {
  const root = await glance('');
  const guessed = guessCommand(root);
  if (guessed !== undefined) return guessed;
  const packages = await packagesOf(root, glance);
  if (packages.length === 0) return undefined;
  const workspace = guessNodeWorkspace(root);
  const parts = packages.map(({ directory, guess }) => ({
    directory,
    guess:
      workspace !== undefined && guess.because.startsWith('package.json')
        ? withoutSetup(guess, workspace.commandOf)
        : guess,
  }));
  return combined(parts, workspace?.setup);
}

interface GuessedPackage {
  readonly directory: string;
  readonly guess: GuessedCommand;
}

async function packagesOf(root: RepositoryGlance, glance: Glance): Promise<GuessedPackage[]> {
  const found: GuessedPackage[] = [];
  let left = [...root.directories].filter(isCandidate).sort();
  for (let looked = 0; left.length > 0 && looked < maxDirectories; looked += 1) {
    const [directory = '', ...others] = left;
    left = others;
    const seen = await glance(directory);
    const guess = guessCommand(seen);
    if (guess !== undefined) found.push({ directory, guess });
    else if (containers.has(directory)) {
      left.push(
        ...[...seen.directories]
          .filter(isCandidate)
          .map((name) => `${directory}/${name}`)
          .sort(),
      );
    }
  }
  return found;
}

function isCandidate(name: string): boolean {
  return plainName.test(name) && !besides.test(name);
}

function withoutSetup(
  { setup: _, ...guess }: GuessedCommand,
  command: (own: string) => string,
): GuessedCommand {
  return { ...guess, command: command(guess.command) };
}

/** Runs the tests of every package, and fails if those of one failed. */
function combined(packages: readonly GuessedPackage[], rootSetup: string | undefined): GuessedCommand {
  const setups = packages.flatMap(({ directory, guess }) =>
    guess.setup === undefined ? [] : [`(cd ${directory} && ${guess.setup})`],
  );
  const setup = [rootSetup, ...setups].filter((part) => part !== undefined).join('\n');
  const names = packages.map(({ directory }) => directory);
  const [only] = packages;
  const command =
    only !== undefined && packages.length === 1
      ? `cd ${only.directory} && ${only.guess.command}`
      : ['failed=0', ...packages.map(inPackage), 'exit $failed'].join('\n');
  return {
    ...omitUndefined({ setup: setup === '' ? undefined : setup }),
    command,
    junit: packages.flatMap(({ directory, guess }) => guess.junit.map((glob) => `${directory}/${glob}`)),
    because: `its root has no tests, and ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'}`,
  };
}

function inPackage({ directory, guess }: GuessedPackage): string {
  return `(cd ${directory} && ${guess.command}) || failed=1`;
}
