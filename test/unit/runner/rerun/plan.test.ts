import { describe, expect, it } from '@jest/globals';
import { findTool } from '../../../../runner-image/src/rerun/find-tool.ts';
import { namePattern, titlePattern } from '../../../../runner-image/src/rerun/name-patterns.ts';
import { selectTests } from '../../../../runner-image/src/rerun/select-tests.ts';
import { stopsEarly } from '../../../../runner-image/src/rerun/stops-early.ts';
import { type CheckoutFiles, checkoutWith } from '../../../helpers/collect-results.ts';

const tests = [{ name: 'adds', group: 'sums', file: 'src/a.test.js' }];

/** The command that runs the failed tests, or why Berth has no command. */
async function selected(
  command: string,
  files: CheckoutFiles = {},
  { failed = tests, env = {} }: { failed?: typeof tests; env?: Record<string, string> } = {},
): Promise<string> {
  const checkout = await checkoutWith({ 'README.md': '', ...files });
  const tool = await findTool(command, { checkout, directory: '' });
  if (tool === undefined) return 'unknown';
  if (await stopsEarly(tool, checkout, env)) return 'stops early';
  const selection = selectTests(tool, { command, tests: failed });
  return selection === undefined ? 'not possible' : (selection.helper ?? selection.command);
}

const scripts = (of: Record<string, string>) => ({ 'package.json': JSON.stringify({ scripts: of }) });
const pattern = `'^(?:sums adds|adds)$'`;
const byName = `--testNamePattern=${pattern}`;

describe('the command that runs only failed tests', () => {
  it.each([
    ['npx jest', `npx jest ${byName} --runTestsByPath 'src/a.test.js'`],
    ['npm ci && npx jest --ci\n', `npm ci && npx jest --ci ${byName} --runTestsByPath 'src/a.test.js'`],
    ['cd src && yarn jest', `cd src && yarn jest ${byName} --runTestsByPath 'a.test.js'`],
    ['CI=1 node_modules/.bin/vitest run', `CI=1 node_modules/.bin/vitest run ${byName} 'src/a.test.js'`],
    ['pnpm exec mocha', `pnpm exec mocha --grep=${pattern}`],
    ['node --test', 'node'],
    ['uv run --frozen pytest -q', 'pytest'],
    ['.venv/bin/python -m pytest', 'pytest'],
    [
      'npx playwright test',
      `npx playwright test --grep='(?:^| )(?:sums adds|adds)(?: @.*)?$' 'src/a.test.js'`,
    ],
    ['bundle exec rspec', `bundle exec rspec -e 'sums adds' -e 'adds'`],
    ['cargo nextest run --no-fail-fast', `cargo nextest run --no-fail-fast -E 'test(=adds)'`],
    ['./mvnw -B test', `./mvnw -B test -Dtest='sums#adds' -Dsurefire.failIfNoSpecifiedTests=false`],
    ['./gradlew test --info', `./gradlew test --tests 'sums.adds' --info`],
    ['go test -json ./...', `go test -json 'sums' -run='^(?:adds)$' -count=1`],
  ])('changes %s', async (command, expected) => {
    expect(await selected(command)).toBe(expected);
  });

  it.each([
    ['npm test', { test: 'jest' }, `npm test -- ${byName} --runTestsByPath 'src/a.test.js'`],
    ['npm test -- --ci', { test: 'jest' }, `npm test -- --ci ${byName} --runTestsByPath 'src/a.test.js'`],
    ['yarn test', { test: 'jest' }, `yarn test ${byName} --runTestsByPath 'src/a.test.js'`],
    ['npm test', { test: 'npm run unit', unit: 'vitest run' }, `npm test -- -- ${byName} 'src/a.test.js'`],
    ['npm test', { test: 'eslint . && jest' }, 'unknown'],
    ['npm test', { test: 'npm test' }, 'unknown'],
    ['npm test', {}, 'unknown'],
    ['npm --workspaces test', { test: 'jest' }, 'unknown'],
  ])('looks for the tool of %s in package.json (%#)', async (command, of, expected) => {
    expect(await selected(command, scripts(of))).toBe(expected);
  });

  // Each of these runs more than one tool, or ends where arguments would not reach the tool.
  it.each([
    'make test',
    'npx jest && npx playwright test',
    'npx jest | tee log',
    'npx jest || true',
    'npx jest & wait',
    '(cd src; npx jest)',
    'npx jest # all',
    'npx jest $(cat files)',
    'for each in a b; do npx jest $each; done',
  ])('does not change %s', async (command) => {
    expect(await selected(command)).toBe('unknown');
  });

  it.each([
    ['npx jest --bail', {}],
    ['npx jest', { 'jest.config.js': 'module.exports = { bail: 1 }' }],
    ['npx vitest run --bail=1', {}],
    ['npx mocha', { '.mocharc.json': '{ "bail": true }' }],
    ['pytest -xvs', {}],
    ['pytest --maxfail=2', {}],
    ['pytest', { 'pytest.ini': '[pytest]\naddopts = -q -x\n' }],
    ['go test -failfast ./...', {}],
    ['npx playwright test', { 'playwright.config.ts': 'export default { maxFailures: 3 }' }],
    ['bundle exec rspec', { '.rspec': '--fail-fast' }],
    ['mvn test', { 'pom.xml': '<modules><module>a</module></modules>' }],
    ['gradle test', { 'settings.gradle': "include 'a'" }],
    // Maven skips the modules that depend on one that failed, and does not say it.
    ['mvn -q -fae test', { 'pom.xml': '<modules><module>a</module></modules>' }],
    ['mvn -f app/pom.xml test', { 'app/pom.xml': '<modules><module>a</module></modules>' }],
    ['cd a/b && pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\naddopts = "-q -x"' }],
    ['pytest -c ci.ini', { 'ci.ini': '[pytest]\naddopts = -x\n' }],
    ['npx jest --config=ci.config.js', { 'ci.config.js': 'module.exports = { bail: true }' }],
  ])('runs the whole suite where %s has ended before its last test (%#)', async (command, files) => {
    expect(await selected(command, files)).toBe('stops early');
  });

  it('runs the whole suite where a variable ends pytest at the first failure', async () => {
    expect(await selected('pytest', {}, { env: { PYTEST_ADDOPTS: '-q -x' } })).toBe('stops early');
  });

  it.each([
    [
      'mvn verify',
      ['FooIT'],
      `-Dtest=none -Dit.test='acme.FooIT#adds' -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false`,
    ],
    [
      'mvn verify',
      ['FooIT', 'BarTest'],
      `-Dtest='acme.FooIT#adds,acme.BarTest#adds' -Dsurefire.failIfNoSpecifiedTests=false`,
    ],
    ['mvn test', ['FooIT'], `-Dtest='acme.FooIT#adds' -Dsurefire.failIfNoSpecifiedTests=false`],
  ])('runs integration tests of Maven by failsafe: %s of %j', async (command, classes, expected) => {
    const failed = classes.map((name) => ({ name: 'adds', group: `acme.${name}`, file: `${name}.java` }));
    expect(await selected(command, {}, { failed })).toBe(`${command} ${expected}`);
  });

  it.each([
    ['npx jest', { 'jest.config.js': 'module.exports = { bail: 0 }' }],
    ['mvn -fae test', { 'pom.xml': '<modules><module>a</module></modules>' }],
    [
      'pytest --tb=short -vv',
      { 'pyproject.toml': '[tool.pytest.ini_options]\naddopts = "-ra --strict-markers"' },
    ],
  ])('changes %s, which runs every test (%#)', async (command, files) => {
    expect(await selected(command, files)).not.toBe('stops early');
  });

  it.each([
    'npx jest -t sums',
    'npx mocha --grep sums',
    'go test -run TestSums ./...',
    // It ends at the first failure.
    'cargo nextest run',
    'gradle build',
  ])('does not select tests of %s', async (command) => {
    expect(await selected(command)).toBe('not possible');
  });

  it('has no character of a test name that means something to a shell', async () => {
    const hostile = `"; touch x; $(id) \`id\` ' \\ * | ( ) [ ] { } & < > ! \n é`;
    const names = [{ name: hostile, group: `${hostile} > sums`, file: 'src/$(id).test.js' }];
    for (const command of ['npx jest', 'npx vitest run', 'npx mocha', 'npx playwright test']) {
      const written = await selected(command, {}, { failed: names });
      const quoted = /'([^']*)'$/.exec(written)?.[1] ?? 'not quoted';
      expect(quoted).toMatch(/^(?:[A-Za-z0-9_ .,:?^$|(){}@*-]|\[[.*+?(){}|=,:@/]\])+$/);
      expect(written).not.toContain('$(id)');
    }
  });
});

describe('the pattern of names', () => {
  const hits = (pattern: string, names: readonly string[]) =>
    names.filter((name) => new RegExp(pattern, 'i').test(name));

  it('tells names apart that differ in a sign', () => {
    const pattern = namePattern([{ name: '1 + 1 (a) is "2"', group: 'sums' }]);
    expect(
      hits(pattern, ['sums 1 + 1 (a) is "2"', 'sums 1 - 1 (a) is "2"', 'sums 1 + 1 [a] is "2"']),
    ).toEqual(['sums 1 + 1 (a) is "2"']);
    expect(pattern).not.toMatch(/["'`\\!]/);
  });

  it('selects one title of Playwright, not each that contains it', () => {
    const pattern = titlePattern([{ name: 'works', group: 'a.spec.ts', file: 'a.spec.ts' }]);
    expect(
      hits(pattern, ['chromium a.spec.ts works @slow', 'chromium a.spec.ts works twice', 'x reworks']),
    ).toEqual(['chromium a.spec.ts works @slow']);
  });

  it('matches what node writes to TAP in another way', () => {
    const pattern = namePattern([{ name: 'a\\tb ', group: '' }], { isEscaped: true });
    expect(hits(pattern, ['a\tb', 'a\tb ', 'a and b'])).toEqual(['a\tb', 'a\tb ']);
  });
});
