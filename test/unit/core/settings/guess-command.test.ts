import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type GlancedFile, glancedFiles } from '../../../../app/core/model/repository-glance.ts';
import { guessCommand } from '../../../../app/core/settings/guess-command.ts';
import { guessRepository } from '../../../../app/core/settings/guess-repository.ts';
import { readSettings, settingsOfGuess } from '../../../../app/core/settings/settings.ts';
import { cachesOfGuess } from '../../../../app/core/settings/suite-cache.ts';
import { anyCharacter } from '../../../helpers/any-character.ts';
import { cases } from '../../../helpers/cases.ts';

type Texts = Partial<Record<GlancedFile, string>>;

const guess = (names: readonly string[], texts: Texts = {}) => guessCommand(glanceOf(names, texts));
const glanceOf = (names: readonly string[], texts: Texts = {}, directories: readonly string[] = []) => ({
  names: new Set([...names, ...Object.keys(texts), ...directories]),
  directories: new Set(directories),
  texts,
});
const manifest = (value: unknown): Texts => ({ 'package.json': JSON.stringify(value) });
const tested = { scripts: { test: 'mocha' } };

describe('the guessed command of a Node package', () => {
  it.each([
    ['package-lock.json', 'npm ci', 'npm test'],
    ['npm-shrinkwrap.json', 'npm ci', 'npm test'],
    ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm test'],
    ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn test'],
    ['bun.lockb', 'bun install --frozen-lockfile', 'bun run test'],
  ])('with a %s installs with "%s" and tests with "%s"', (lock, setup, command) => {
    expect(guess([lock], manifest(tested))).toEqual({
      setup,
      command,
      junit: [],
      because: `package.json has a test script, and there is a ${lock}`,
    });
  });

  it('follows the packageManager field before any lock file', () => {
    const guessed = guess(
      ['package-lock.json', 'pnpm-lock.yaml'],
      manifest({ ...tested, packageManager: 'pnpm@9.1.0+sha512.abc' }),
    );
    expect(guessed).toMatchObject({ setup: 'pnpm install --frozen-lockfile', command: 'pnpm test' });
  });

  it('installs with the flag of the Yarn version', () => {
    const modern = manifest({ ...tested, packageManager: 'yarn@4.2.0' });
    const classic = manifest({ ...tested, packageManager: 'yarn@1.22.22' });
    expect(guess(['yarn.lock'], modern)?.setup).toBe('yarn install --immutable');
    expect(guess(['yarn.lock', '.yarnrc.yml'], manifest(tested))?.setup).toBe('yarn install --immutable');
    expect(guess(['yarn.lock', '.yarnrc.yml'], classic)?.setup).toBe('yarn install --frozen-lockfile');
  });

  it('installs nothing without dependencies', () => {
    expect(guess([], manifest({ scripts: { test: 'node --test' }, dependencies: {} }))).toEqual({
      command: 'npm test',
      junit: [],
      because: 'package.json has a test script',
    });
  });

  it('installs without a lock file if it is missing', () => {
    expect(guess([], manifest({ ...tested, devDependencies: { mocha: '11' } }))?.setup).toBe('npm install');
  });

  it('does not exist if the test script is the placeholder of npm init', () => {
    const script = 'echo "Error: no test specified" && exit 1';
    expect(guess([], manifest({ scripts: { test: script } }))).toBeUndefined();
  });

  it('does not exist if package.json is invalid, and other files decide', () => {
    expect(guess([], { 'package.json': '{' })).toBeUndefined();
    expect(guess(['go.mod'], { 'package.json': '[1]' })?.command).toBe('go test -json ./...');
  });
});

describe('the reporter that a guess adds', () => {
  const withScript = (lock: string, test: string) => guess([lock], manifest({ scripts: { test } }));
  const vitest = '--reporter=default --reporter=junit --outputFile.junit=berth-junit.xml';

  it.each([
    ['package-lock.json', 'vitest run', `npm test -- ${vitest}`],
    ['package-lock.json', 'xo && cross-env A=b vitest', `npm test -- ${vitest}`],
    ['pnpm-lock.yaml', 'vitest', `pnpm test ${vitest}`],
    ['yarn.lock', 'jest --ci', 'yarn test --json --outputFile=berth-jest.json --testLocationInResults'],
    ['bun.lock', 'vitest', `bun run test ${vitest}`],
  ])('with a %s and the script "%s" makes "%s"', (lock, script, command) => {
    expect(withScript(lock, script)).toMatchObject({
      command,
      junit: [expect.stringMatching(/^\*\*\/berth-/)],
    });
  });

  it.each([
    'vitest run && tsc',
    'vitest | cat',
    'vitest --reporter=dot',
    'jest --json',
    'sh -c "vitest"',
    'turbo test',
  ])('is not added to the script %j', (script) => {
    expect(withScript('package-lock.json', script)).toMatchObject({ command: 'npm test', junit: [] });
  });
});

describe('the guess for a repository of several packages', () => {
  type Directories = Readonly<Record<string, ReturnType<typeof glanceOf>>>;
  const guessAll = (directories: Directories, from?: string) =>
    guessRepository(async (directory) => directories[directory] ?? glanceOf([]), from);

  it('tests each package, and fails if one fails', async () => {
    expect(
      await guessAll({
        '': glanceOf(['README.md'], {}, ['backend', 'docs', 'web', 'empty']),
        backend: glanceOf(['go.mod']),
        docs: glanceOf(['go.mod']),
        web: glanceOf(['package-lock.json'], manifest({ scripts: { test: 'vitest' } })),
      }),
    ).toEqual({
      setup: '(cd web && npm ci)',
      command:
        'failed=0\n(cd backend && go test -json ./...) || failed=1\n(cd web && npm test -- --reporter=default --reporter=junit --outputFile.junit=berth-junit.xml) || failed=1\nexit $failed',
      junit: ['web/**/berth-junit.xml'],
      because: 'its root has no tests, and backend, web have',
    });
  });

  it('installs a workspace once, by its own package manager', async () => {
    expect(
      await guessAll({
        '': glanceOf(['pnpm-lock.yaml', 'pnpm-workspace.yaml'], manifest({ private: true }), ['packages']),
        packages: glanceOf([], {}, ['cart', 'docs', 'pay']),
        'packages/cart': glanceOf([], manifest(tested)),
        'packages/pay': glanceOf([], manifest({ scripts: { build: 'x' } })),
      }),
    ).toMatchObject({
      setup: 'pnpm install --frozen-lockfile',
      command: 'cd packages/cart && pnpm test',
      because: 'its root has no tests, and packages/cart has',
    });
  });

  it('tests the package that the caller is in, installed by its workspace', async () => {
    const workspace = {
      '': glanceOf(
        ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
        manifest({ private: true, scripts: { test: 'pnpm -r test' } }),
        ['packages'],
      ),
      packages: glanceOf([], {}, ['cart', 'pay']),
      'packages/cart': glanceOf([], manifest({ scripts: { test: 'vitest run' } })),
      'packages/native': glanceOf(['Cargo.toml']),
    };
    expect(await guessAll(workspace, 'packages/cart')).toEqual({
      setup: 'pnpm install --frozen-lockfile',
      command:
        'cd packages/cart && pnpm test --reporter=default --reporter=junit --outputFile.junit=berth-junit.xml',
      junit: ['packages/cart/**/berth-junit.xml'],
      because: 'in packages/cart, package.json has a test script',
    });
    expect(await guessAll(workspace, 'packages/native')).toMatchObject({
      command: 'cd packages/native && cargo test',
    });
    expect(await guessAll(workspace, 'packages/pay')).toMatchObject({ command: 'pnpm test' });
    expect(await guessAll(workspace, 'packages/$(touch x)')).toMatchObject({ command: 'pnpm test' });
  });

  it('never puts a directory name with special shell characters into the command', async () => {
    const name = '$(touch x)';
    expect(await guessAll({ '': glanceOf([], {}, [name]), [name]: glanceOf(['go.mod']) })).toBeUndefined();
  });

  it('is the settings that would say the same', async () => {
    const guessed = guess(['composer.json', 'phpunit.xml']);
    if (guessed === undefined) throw new Error('no guess');
    const reading = readSettings(settingsOfGuess(guessed));
    expect(reading).toMatchObject({
      ok: true,
      file: { suites: { test: { command: guessed.command, setup: guessed.setup, junit: guessed.junit } } },
    });
  });
});

describe('the caches of a guessed command', () => {
  it.each([
    [['package-lock.json'], 'npm'],
    [['pnpm-lock.yaml'], 'pnpm'],
    [['yarn.lock'], 'yarn'],
    [['requirements.txt'], 'pip'],
    [['pyproject.toml', 'uv.lock'], 'uv'],
    [['pyproject.toml', 'poetry.lock'], 'poetry'],
    [['go.mod'], 'go'],
    [['Cargo.toml'], 'cargo'],
    [['pom.xml', 'mvnw'], 'maven'],
    [['build.gradle'], 'gradle'],
    [['composer.json', 'phpunit.xml'], undefined],
  ])('of %j are %s', (names, preset) => {
    const guessed = guess([...names, 'package.json'], { 'package.json': '{"scripts":{"test":"x"}}' });
    const other = guess(names);
    const found = [guessed, other].flatMap((one) => (one === undefined ? [] : cachesOfGuess(one)));
    expect(found[0]).toBe(preset);
  });
});

describe('the guessed command of a Python project', () => {
  it("is pytest in a separate virtual environment, with the repository's requirements", () => {
    const pyproject =
      '[project]\nname = "x"\n[project.optional-dependencies]\ntest = ["hypothesis"]\nviz = []\n';
    expect(guess(['requirements.txt', 'requirements-dev.txt'], { 'pyproject.toml': pyproject })).toEqual({
      setup:
        "python3 -m venv .berth-venv && .berth-venv/bin/pip install -q pytest -r requirements.txt -r requirements-dev.txt -e '.[test]'",
      command: '.berth-venv/bin/pytest --junitxml=berth-junit.xml',
      junit: ['berth-junit.xml'],
      because: 'there is a pyproject.toml',
    });
  });

  it.each([
    ['uv.lock', 'uv sync --locked', 'uv run pytest'],
    ['poetry.lock', 'poetry install', 'poetry run pytest'],
    ['Pipfile.lock', 'pipenv sync --dev', 'pipenv run pytest'],
  ])('depends on %s', (lock, setup, command) => {
    const guessed = guess(['Pipfile', lock], { 'pyproject.toml': '' });
    expect(guessed).toMatchObject({ setup, command: `${command} --junitxml=berth-junit.xml` });
  });

  it('does not install the repository if it is not a package', () => {
    expect(guess(['pytest.ini'])?.setup).toBe(
      'python3 -m venv .berth-venv && .berth-venv/bin/pip install -q pytest',
    );
  });

  it('is not used if there is a go.mod next to requirements.txt', () => {
    expect(guess(['requirements.txt', 'go.mod'])?.command).toBe('go test -json ./...');
    expect(guess(['requirements.txt'])?.command).toContain('pytest');
  });
});

describe('the guessed command of other projects', () => {
  it.each([
    [['go.mod'], 'go test -json ./...'],
    [['Cargo.toml'], 'cargo test'],
    [['pom.xml'], 'mvn -B test'],
    [['pom.xml', 'mvnw'], 'sh ./mvnw -B test'],
    [['build.gradle.kts'], 'gradle --no-daemon test'],
    [['settings.gradle', 'gradlew'], 'sh ./gradlew --no-daemon test'],
    [['Shop.sln'], 'dotnet test --logger trx'],
    [['Gemfile', '.rspec'], 'bundle exec rspec --format progress --format json --out berth-rspec.json'],
    [['Gemfile', 'Rakefile', 'test'], 'bundle exec rake test'],
    [['composer.json', 'phpunit.xml.dist'], 'vendor/bin/phpunit --log-junit berth-junit.xml'],
    [['mix.exs'], 'mix test'],
    [['Package.swift'], 'swift test'],
    [['meson.build'], 'meson test -C .berth-build'],
  ])('with %j is "%s"', (names, command) => {
    expect(guess(names)?.command).toBe(command);
  });

  it.each(['test:\n\tgo vet', 'build check test : deps\n\ttrue', 'test::\n\ttrue'])(
    'is "make test" with the rule %j',
    (Makefile) => {
      expect(guess([], { Makefile })?.command).toBe('make test');
    },
  );

  it.each(['test := 1\n', 'test=1', '\ttest: x', '# test: x', 'tests:\n\ttrue', 'test ::= x', 'a: test\n'])(
    'does not exist with the line %j',
    (Makefile) => {
      expect(guess([], { Makefile })).toBeUndefined();
    },
  );

  it('does not exist for an unknown repository', () => {
    expect(guess(['README.md'])).toBeUndefined();
  });
});

describe('any repository', () => {
  const known = [
    'package-lock.json',
    'yarn.lock',
    'uv.lock',
    'pom.xml',
    'gradlew',
    'build.gradle',
    'setup.py',
  ];
  const marker = 'from-the-repository';
  const marked = fc.string({ unit: anyCharacter }).map((text) => `${text}${marker}`);
  const anyName = fc.oneof(fc.constantFrom(...known, ...glancedFiles), marked);
  const anyText = fc.oneof(
    marked,
    fc
      .record({ scripts: fc.record({ test: marked }), packageManager: marked.map((text) => `yarn@${text}`) })
      .map((value) => JSON.stringify(value)),
    marked.map((text) => `[project]\n[project.optional-dependencies]\n${text} = []\ntest-${text} = []\n`),
    marked.map((text) => `${text} test:\n`),
  );
  const anyTexts: fc.Arbitrary<Texts> = fc.dictionary(fc.constantFrom(...glancedFiles), anyText);

  it('is guessed without an error, and never puts its own text into the command', () => {
    fc.assert(
      fc.property(fc.array(anyName), anyTexts, (names, texts) => {
        const guessed = guess(names, texts);
        expect(`${guessed?.setup}\n${guessed?.command}`).not.toContain(marker);
      }),
      { numRuns: cases(150) },
    );
  });
});
