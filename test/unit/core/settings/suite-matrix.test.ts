import { describe, expect, it } from '@jest/globals';
import { mergeSettings, readSettings } from '../../../../app/core/settings/settings.ts';

function suitesOf(yaml: string) {
  const reading = readSettings(yaml);
  if (!reading.ok) throw new Error(reading.mistakes.map(({ message }) => message).join('\n'));
  return mergeSettings(reading.file, undefined).suites;
}

const mistakesOf = (yaml: string) => {
  const reading = readSettings(yaml);
  return reading.ok ? [] : reading.mistakes.map(({ line, message }) => `${line}: ${message}`);
};

describe('a matrix', () => {
  it('is a suite for each combination, with its values in the texts and in the environment', () => {
    const suites = suitesOf(`
defaults: {setup: npm ci, env: {DB: '{matrix.db}'}}
suites:
  unit:
    command: npm test -- --db={matrix.db}
    image: node:{matrix.node}
    junit: out/{matrix.node}.xml
    matrix:
      node: [20, 22]
      db: [postgres, sqlite]
  lint: {command: npm run lint}
`);
    expect(suites.map(({ name }) => name)).toEqual([
      'unit-20-postgres',
      'unit-20-sqlite',
      'unit-22-postgres',
      'unit-22-sqlite',
      'lint',
    ]);
    expect(suites[2]).toMatchObject({
      command: 'npm test -- --db=postgres',
      setup: 'npm ci',
      image: 'node:22',
      junit: ['out/22.xml'],
      env: { DB: 'postgres', BERTH_MATRIX_NODE: '22', BERTH_MATRIX_DB: 'postgres' },
    });
    expect(suites[2]).not.toHaveProperty('matrix');
  });

  it('leaves combinations out, adds others, and adds variables to those that match', () => {
    const suites = suitesOf(`
suites:
  unit:
    command: test {matrix.os} {matrix.node} {matrix.flags}
    env: {FLAGS: '{matrix.flags}'}
    matrix:
      os: [linux, alpine]
      node: [20, 22]
      exclude: [{os: alpine, node: 20}]
      include:
        - {node: 22, flags: --fast}
        - {os: windows, node: 18}
`);
    expect(suites.map(({ name, command }) => `${name}: ${command}`)).toEqual([
      'unit-linux-20: test linux 20 ',
      'unit-linux-22: test linux 22 --fast',
      'unit-alpine-22: test alpine 22 --fast',
      'unit-windows-18: test windows 18 ',
    ]);
  });

  it('has its values in the teardown', () => {
    const [suite] = suitesOf('suites: {a: {command: x, matrix: {n: [1]}, teardown: "rm {matrix.n}"}}');
    expect(suite?.teardown).toEqual({ teardown: 'rm 1' });
  });

  it('may have only combinations', () => {
    const suites = suitesOf(
      'suites: {e2e: {command: x, matrix: {include: [{browser: firefox}, {browser: "web kit"}]}}}',
    );
    expect(suites.map(({ name }) => name)).toEqual(['e2e-firefox', 'e2e-web-kit']);
  });

  it.each([
    [
      'suites:\n  a: {command: "x {matrix.nod}", matrix: {node: [1]}}',
      ['2: The matrix has no variable `nod`.'],
    ],
    ['suites:\n  a: {command: "x {matrix.node}"}', ['2: The matrix has no variable `node`.']],
    [
      'defaults: {setup: "y {matrix.os}"}\nsuites:\n  a: {command: x, image: "i{matrix.node}"}',
      ['3: The matrix has no variable `node`.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: [1], exclude: [{n: 1}]}',
      ['4: The matrix has no combination.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: ["b c", b-c]}',
      ['4: Two suites would have the name `a-b-c`.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: [1], exclude: [{m: 1}]}',
      ['4: The matrix has no variable `m`.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: [../b]}\n    working-directory: "{matrix.n}"',
      ['5: With the values of the matrix: a path within the repository.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: [1]}\n    cache: {key: "{matrix.n}.lock", paths: x}',
      ['5: Variables of the matrix have no effect in `cache`.'],
    ],
    [
      'suites:\n  a-1: {command: x}\n  a:\n    command: x\n    matrix: {n: [1]}',
      ['5: Two suites would have the name `a-1`.'],
    ],
    [
      `suites:\n  a:\n    command: x\n    matrix: {n: [${Array.from({ length: 8 }, (_, i) => i)}], m: [1,2,3,4,5,6,7]}`,
      ['1: At most 50 suites, counting each combination of a matrix.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: [null]}',
      ['4: A value is a text of at most 200 characters, a number, or true or false.'],
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {n: []}',
      expect.arrayContaining([expect.stringMatching(/^4: /)]),
    ],
    [
      `suites:\n  a:\n    command: x\n    matrix: {${Array.from({ length: 20 }, (_, i) => `v${i}: [${Array.from({ length: 20 }, (__, j) => j)}]`)}}`,
      expect.arrayContaining(['4: At most 256 combinations.']),
    ],
    [
      'suites:\n  a:\n    command: x\n    matrix: {"n m": [1]}',
      [expect.stringContaining('name of a variable')],
    ],
  ])('has a mistake in %j', (yaml, mistakes) => {
    expect(mistakesOf(yaml)).toEqual(mistakes);
  });
});

describe('the directory and the shell of a suite', () => {
  it('are settings of the suite or of all suites', () => {
    const [api, web] = suitesOf(`
defaults: {shell: sh, checkout: {tags: true}}
suites:
  api: {command: go test ./..., working-directory: services/api}
  web: {command: print(1), shell: 'python3 -u {0}'}
`);
    expect(api).toMatchObject({ checkout: { tags: true, path: 'services/api' }, shell: 'sh' });
    expect(web).toMatchObject({ shell: 'python3 -u {0}' });
  });

  it.each([
    ['suites:\n  a:\n    command: x\n    working-directory: ../b', 4],
    ['suites:\n  a:\n    command: x\n    shell: zsh', 4],
    ['suites:\n  a:\n    command: x\n    working-directory: b\n    checkout: {path: c}', 4],
  ])('have a mistake in %j', (yaml, line) => {
    expect(mistakesOf(yaml)).toEqual([expect.stringMatching(new RegExp(`^${line}: `))]);
  });
});
