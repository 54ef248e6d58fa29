import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';
import { guessCommand } from './guess-command.ts';
import { guessNodeWorkspace, type NodeWorkspace } from './guess-node-command.ts';

/** Reads a directory of the repository; `''` is its root. */
export type Glance = (directory: string) => Promise<RepositoryGlance>;

/** Directories with the packages of a monorepo. */
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
/** Directories with code that is not tested. */
const besides =
  /^(?:\..*|docs?|examples?|samples?|node_modules|vendor|third[_-]party|fixtures?|benchmarks?|scripts|tools|dist|build|target)$/;
/** Its name becomes part of the command. */
const plainName = /^[\w@][\w.@-]{0,99}$/;
const maxDirectories = 20;

/**
 * Guesses the test command of a repository: in the directory `from` or the nearest parent that has tests, at its root,
 * or otherwise in each of its packages.
 *
 * @param from a directory of the repository, such as `packages/web`; `''` is its root.
 * @returns undefined if nothing is recognized.
 */
export async function guessRepository(glance: Glance, from = ''): Promise<GuessedCommand | undefined> {
  const root = await glance('');
  const inside = await guessFrom(glance, from, guessNodeWorkspace(root));
  if (inside !== undefined) return inside;
  const guessed = guessCommand(root);
  if (guessed !== undefined) return guessed;
  const packages = await packagesOf(root, glance);
  if (packages.length === 0) return undefined;
  const workspace = guessNodeWorkspace(root);
  const parts = packages.map((found) => inWorkspace(found, workspace));
  const names = packages.map(({ directory }) => directory);
  return {
    ...combined(parts, workspace?.setup),
    because: `its root has no tests, and ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'}`,
  };
}

/** Guesses for the nearest directory that has tests, without the root. */
async function guessFrom(
  glance: Glance,
  from: string,
  workspace: NodeWorkspace | undefined,
): Promise<GuessedCommand | undefined> {
  const names = from.split('/').filter((name) => name !== '');
  if (!names.every((name) => plainName.test(name))) return undefined;
  for (let depth = names.length; depth > 0; depth -= 1) {
    const directory = names.slice(0, depth).join('/');
    const guess = guessCommand(await glance(directory));
    if (guess === undefined) continue;
    const found = { directory, guess };
    const isNode = isNodePackage(found);
    return {
      ...combined([inWorkspace(found, workspace)], isNode ? workspace?.setup : undefined),
      because: `in ${directory}, ${guess.because}`,
    };
  }
  return undefined;
}

function isNodePackage({ guess }: GuessedPackage): boolean {
  return guess.because.startsWith('package.json');
}

/** The root of a workspace installs the dependencies of its packages. */
function inWorkspace(found: GuessedPackage, workspace: NodeWorkspace | undefined): GuessedPackage {
  if (workspace === undefined || !isNodePackage(found)) return found;
  return { ...found, guess: withoutSetup(found.guess, workspace.commandOf) };
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

/** Runs the tests of every package, and fails if one of them fails. */
function combined(
  packages: readonly GuessedPackage[],
  rootSetup: string | undefined,
): Omit<GuessedCommand, 'because'> {
  const setups = packages.flatMap(({ directory, guess }) =>
    guess.setup === undefined ? [] : [`(cd ${directory} && ${guess.setup})`],
  );
  const setup = [rootSetup, ...setups].filter((part) => part !== undefined).join('\n');
  const [only] = packages;
  const command =
    only !== undefined && packages.length === 1
      ? `cd ${only.directory} && ${only.guess.command}`
      : ['failed=0', ...packages.map(inPackage), 'exit $failed'].join('\n');
  return {
    ...omitUndefined({ setup: setup === '' ? undefined : setup }),
    command,
    junit: packages.flatMap(({ directory, guess }) => guess.junit.map((glob) => `${directory}/${glob}`)),
  };
}

function inPackage({ directory, guess }: GuessedPackage): string {
  return `(cd ${directory} && ${guess.command}) || failed=1`;
}
