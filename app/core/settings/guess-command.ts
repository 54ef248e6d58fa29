import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';
import { guessNodeCommand } from './guess-node-command.ts';
import { guessPythonCommand } from './guess-python-command.ts';

/**
 * Guesses how a repository is tested, for those that do not say. Takes only fixed texts into the command, never one
 * from the repository: what a file says decides which, so nothing in it is ever run by a shell.
 *
 * @returns undefined where nothing is recognised.
 */
export function guessCommand(glance: RepositoryGlance): GuessedCommand | undefined {
  for (const guess of guesses) {
    const guessed = guess(glance);
    if (guessed !== undefined) return guessed;
  }
  return undefined;
}

/** The first that recognises the repository decides; a `requirements.txt` alone may be there for the docs only. */
const guesses: readonly ((glance: RepositoryGlance) => GuessedCommand | undefined)[] = [
  guessNodeCommand,
  (glance) => guessPythonCommand(glance, 'project'),
  byFile('go.mod', { command: 'go test ./...', junit: [] }),
  byFile('Cargo.toml', { command: 'cargo test', junit: [] }),
  guessMaven,
  guessGradle,
  (glance) => guessPythonCommand(glance, 'requirements'),
  guessMake,
];

function byFile(name: string, guessed: Omit<GuessedCommand, 'because'>) {
  return ({ names }: RepositoryGlance): GuessedCommand | undefined =>
    names.has(name) ? { ...guessed, because: `there is a ${name}` } : undefined;
}

function guessMaven({ names }: RepositoryGlance): GuessedCommand | undefined {
  if (!names.has('pom.xml')) return undefined;
  return {
    command: names.has('mvnw') ? 'sh ./mvnw -B test' : 'mvn -B test',
    junit: ['**/target/surefire-reports/TEST-*.xml'],
    because: 'there is a pom.xml',
  };
}

function guessGradle({ names }: RepositoryGlance): GuessedCommand | undefined {
  const build = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'].find((name) =>
    names.has(name),
  );
  if (build === undefined) return undefined;
  return {
    // A daemon would outlive the run.
    command: `${names.has('gradlew') ? 'sh ./gradlew' : 'gradle'} --no-daemon test`,
    junit: ['**/build/test-results/**/TEST-*.xml'],
    because: `there is a ${build}`,
  };
}

function guessMake({ texts }: RepositoryGlance): GuessedCommand | undefined {
  // GNU make looks for them in this order: https://www.gnu.org/software/make/manual/html_node/Makefile-Names.html
  const file = (['GNUmakefile', 'makefile', 'Makefile'] as const).find((name) => texts[name] !== undefined);
  if (file === undefined || !hasTarget(texts[file] ?? '', 'test')) return undefined;
  return { command: 'make test', junit: [], because: `the ${file} has a target named test` };
}

function hasTarget(makefile: string, target: string): boolean {
  return makefile.split('\n').some((line) => {
    const colon = line.indexOf(':');
    if (colon <= 0 || /^[\t#]/.test(line) || /^::?:?=/.test(line.slice(colon))) return false;
    return line.slice(0, colon).split(/\s+/).includes(target);
  });
}
