import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';
import { guessNodeCommand } from './guess-node-command.ts';
import { guessPythonCommand } from './guess-python-command.ts';

/**
 * Guesses the test command of one directory. The command only contains fixed texts: the content of a file
 * decides which, so nothing in it ever reaches a shell. If a tool has a reporter without other effects, it is
 * added.
 *
 * @returns undefined if nothing is recognized.
 */
export function guessCommand(glance: RepositoryGlance): GuessedCommand | undefined {
  for (const guess of guesses) {
    const guessed = guess(glance);
    if (guessed !== undefined) return guessed;
  }
  return undefined;
}

const report = 'berth-junit.xml';

/** The first match applies. A `requirements.txt` may only be for the docs. */
const guesses: readonly ((glance: RepositoryGlance) => GuessedCommand | undefined)[] = [
  guessNodeCommand,
  (glance) => guessPythonCommand(glance, 'project'),
  // The runner shows these events as `go test` prints them.
  byFile(['go.mod'], { command: 'go test -json ./...' }),
  byFile(['Cargo.toml'], { command: 'cargo test' }),
  byFile(['pom.xml'], ({ names }) => ({
    command: names.has('mvnw') ? 'sh ./mvnw -B test' : 'mvn -B test',
    junit: ['**/target/surefire-reports/TEST-*.xml'],
  })),
  byFile(['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'], ({ names }) => ({
    // Its daemon would outlive the run.
    command: `${names.has('gradlew') ? 'sh ./gradlew' : 'gradle'} --no-daemon test`,
    junit: ['**/build/test-results/**/TEST-*.xml'],
  })),
  guessDotnet,
  guessRuby,
  guessPhp,
  byFile(['mix.exs'], {
    setup: 'mix local.hex --force --if-missing && mix deps.get',
    command: 'mix test',
  }),
  byFile(['Package.swift'], { command: 'swift test' }),
  byFile(['pubspec.yaml'], { setup: 'dart pub get', command: 'dart test' }),
  byFile(['deno.json', 'deno.jsonc'], { command: 'deno test --allow-all' }),
  byFile(['MODULE.bazel'], { command: 'bazel test //...' }),
  guessCmake,
  byFile(['meson.build'], {
    setup: 'meson setup .berth-build && meson compile -C .berth-build',
    command: 'meson test -C .berth-build',
    junit: ['**/testlog.junit.xml'],
  }),
  guessPerl,
  (glance) => guessPythonCommand(glance, 'requirements'),
  guessMake,
];

type GuessOfFile = Omit<GuessedCommand, 'because' | 'junit'> & Partial<Pick<GuessedCommand, 'junit'>>;

/** Guesses a command if one of the files exists. */
function byFile(
  files: readonly string[],
  guessed: GuessOfFile | ((glance: RepositoryGlance) => GuessOfFile),
) {
  return (glance: RepositoryGlance): GuessedCommand | undefined => {
    const name = files.find((file) => glance.names.has(file));
    if (name === undefined) return undefined;
    const guess = typeof guessed === 'function' ? guessed(glance) : guessed;
    return { junit: [], ...guess, because: `there is a ${name}` };
  };
}

function guessDotnet({ names }: RepositoryGlance): GuessedCommand | undefined {
  const kind = ['sln', 'slnx', 'csproj', 'fsproj', 'vbproj'].find((end) =>
    [...names].some((name) => name.endsWith(`.${end}`)),
  );
  if (kind === undefined) return undefined;
  return {
    command: 'dotnet test --logger trx',
    junit: ['**/TestResults/**/*.trx'],
    because: `there is a .${kind} file`,
  };
}

function guessRuby({ names, texts }: RepositoryGlance): GuessedCommand | undefined {
  if (!names.has('Gemfile')) return undefined;
  const setup = 'bundle install';
  if (names.has('spec') || names.has('.rspec') || texts.Gemfile?.includes('rspec') === true) {
    return {
      setup,
      command: 'bundle exec rspec --format progress --format json --out berth-rspec.json',
      junit: ['berth-rspec.json'],
      because: 'there is a Gemfile, and there are specs',
    };
  }
  if (!names.has('Rakefile') || !names.has('test')) return undefined;
  return {
    setup,
    command: 'bundle exec rake test',
    junit: [],
    because: 'there is a Gemfile and a Rakefile',
  };
}

function guessPhp({ names }: RepositoryGlance): GuessedCommand | undefined {
  const settings = ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'].find((name) => names.has(name));
  if (settings === undefined || !names.has('composer.json')) return undefined;
  return {
    setup: 'composer install --no-interaction --no-progress',
    command: `vendor/bin/phpunit --log-junit ${report}`,
    junit: [report],
    because: `there is a composer.json and a ${settings}`,
  };
}

function guessCmake({ names, texts }: RepositoryGlance): GuessedCommand | undefined {
  const hasTests =
    /\b(?:enable_testing|add_test|gtest_discover_tests|catch_discover_tests|include)\s*\(\s*(?:\)|CTest|NAME|\w)/i;
  const text = texts['CMakeLists.txt'];
  if (!names.has('CMakeLists.txt') || text === undefined || !hasTests.test(text)) return undefined;
  return {
    setup: 'cmake -S . -B .berth-build && cmake --build .berth-build --parallel 2',
    command: `cd .berth-build && ctest --output-on-failure --output-junit ${report}`,
    junit: [`.berth-build/${report}`],
    because: 'the CMakeLists.txt has tests',
  };
}

function guessPerl({ names, directories }: RepositoryGlance): GuessedCommand | undefined {
  const sign = ['cpanfile', 'Makefile.PL', 'Build.PL', 'dist.ini'].find((name) => names.has(name));
  if (sign === undefined || !directories.has('t')) return undefined;
  return { command: 'prove -l -r t', junit: [], because: `there is a ${sign} and there are tests in t` };
}

function guessMake({ texts }: RepositoryGlance): GuessedCommand | undefined {
  // GNU make looks for them in this order: https://www.gnu.org/software/make/manual/html_node/Makefile-Names.html
  const file = (['GNUmakefile', 'makefile', 'Makefile'] as const).find((name) => texts[name] !== undefined);
  if (file === undefined) return undefined;
  const target = ['test', 'check'].find((name) => hasTarget(texts[file] ?? '', name));
  if (target === undefined) return undefined;
  return { command: `make ${target}`, junit: [], because: `the ${file} has a target named ${target}` };
}

function hasTarget(makefile: string, target: string): boolean {
  return makefile.split('\n').some((line) => {
    const colon = line.indexOf(':');
    if (colon <= 0 || /^[\t#]/.test(line) || /^::?:?=/.test(line.slice(colon))) return false;
    return line.slice(0, colon).split(/\s+/).includes(target);
  });
}
