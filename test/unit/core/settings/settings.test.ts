import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeSettings, readSettings, type SettingsReading } from '../../../../app/core/settings/settings.ts';
import { cases } from '../../../helpers/cases.ts';

const mistakesOf = (reading: SettingsReading): string[] =>
  reading.ok ? [] : reading.mistakes.map(({ line, path, message }) => `${line} ${path}: ${message}`);
const fileOf = (text: string) => {
  const reading = readSettings(text);
  if (!reading.ok) throw new Error(mistakesOf(reading).join('\n'));
  return reading.file;
};

/** A list of so many items. */
const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(', ');

describe('reading .github/berth.yml', () => {
  it('turns sizes and times into units', () => {
    const { suites } = fileOf(`
suites:
  unit:
    command: npm test
    cpu: 0.5
    memory: 2GB
    timeout: 1h30m
    junit: reports/*.xml
`);
    expect(suites?.unit).toMatchObject({
      cpu: 512,
      memory: 2048,
      timeout: 5400,
      junit: ['reports/*.xml'],
    });
  });

  // Looking further took from 5 to 80 seconds.
  it.each([
    ['many unknown keys', `{ ${many(18_000, (i) => `a${i}: x`)} }`, 100],
    [
      'a matrix of many variables',
      `suites: { a: { command: x, matrix: { ${many(300, (i) => `a${i}: [1, 2, 3, 4, 5, 6, 7]`)} } } }`,
      3,
    ],
    [
      'many suites that need each other',
      `suites: { ${many(700, (i) => `a${i}: { command: x, needs: [${many(40, (k) => `a${(i * 7 + k * 13 + 1) % 700}`)}] }`)} }`,
      1,
    ],
  ])('looks no further than necessary in %s', (_, text, count) => {
    expect(mistakesOf(readSettings(text))).toHaveLength(count);
  });

  it('accepts an empty file', () => {
    expect(readSettings('')).toEqual({ ok: true, file: {} });
    expect(readSettings('# later\n')).toEqual({ ok: true, file: {} });
  });

  it.each([
    [
      'a key that is misspelt',
      'suites:\n  unit:\n    comand: x\n',
      [
        '2 suites.unit.command: `command` is missing.',
        '3 suites.unit.comand: There is no setting `comand` here. Did you mean `command`?',
      ],
    ],
    [
      'a suite without a command',
      'suites:\n  unit:\n    cpu: 1\n',
      ['2 suites.unit.command: `command` is missing.'],
    ],
    [
      'a deployment without a command',
      'deploy:\n  comand: x\n',
      [
        '1 deploy.command: `command` is missing.',
        '2 deploy.comand: There is no setting `comand` here. Did you mean `command`?',
      ],
    ],
    [
      'a named deployment with a misspelled key',
      'deploy:\n  api:\n    command: x\n  web:\n    comand: x\n',
      [
        '4 deploy.web.command: `command` is missing.',
        '5 deploy.web.comand: There is no setting `comand` here. Did you mean `command`?',
      ],
    ],
    [
      'a deployment named like a setting',
      'deploy:\n  paths:\n    command: x\n  api:\n    command: x\n',
      ['2 deploy.paths: The name of a setting cannot be the name of a deployment.'],
    ],
    [
      'a suite with the name of the deployment',
      'deploy:\n  command: x\nsuites:\n  deploy:\n    command: x\n',
      ['4 suites.deploy: The check berth/deploy belongs to the deployment: give this suite another name.'],
    ],
    [
      'a teardown of no deployment',
      'teardown: ./remove.sh\n',
      ['1 teardown: `teardown` here belongs to `deploy`: set it in a suite, or in `defaults`.'],
    ],
    [
      'a deployment without stacks',
      'stack: false\ndeploy:\n  command: x\n',
      ['2 deploy: `deploy` has no effect without stacks: remove it, or allow stacks.'],
    ],
    [
      'a timeout in words',
      'suites:\n  unit:\n    command: x\n    timeout: ten minutes\n',
      ['4 suites.unit.timeout: A duration such as 90s, 10m or 1h30m.'],
    ],
    [
      'a timeout that is too long',
      'suites:\n  unit:\n    command: x\n    timeout: 25h\n',
      ['4 suites.unit.timeout: A duration between 1s and 24h.'],
    ],
    [
      'a suite whose name is a command',
      'suites:\n  all:\n    command: x\n',
      ['2 suites.all: All, failed, and settings are reserved for commands.'],
    ],
    ['a prefix that ends in a digit', 'stack:\n  prefix: v2\n', ['2 stack.prefix: Must not end in a digit.']],
    [
      'two documents',
      'tags: true\n---\ntags: false\n',
      ['2 : The file has several documents: remove the line `---`.'],
    ],
    [
      'a key that JavaScript loses',
      'suites:\n  __proto__: { command: x }\n',
      ['2 : `__proto__` cannot be a key.'],
    ],
    ['an empty map', 'suites:\n', ['1 suites: Expected a map, received nothing.']],
    [
      'a setting of suites among the defaults',
      'defaults:\n  needs: [a]\n',
      ['2 defaults.needs: There is no setting `needs` here. Set it in each suite.'],
    ],
    [
      'an image that is not a name',
      'suites: { a: { command: x, image: --privileged } }',
      ['1 suites.a.image: The name of a container image, such as node:22, or of a task definition family.'],
    ],
    [
      'a date in place of a schedule',
      "suites: { a: { command: x, schedule: [{ cron: '2099-01-01T00:00:00' }] } }",
      [
        '1 suites.a.schedule.0: `2099-01-01T00:00:00` is not a cron expression with the fields minute, hour, day of the month, month and day of the week.',
      ],
    ],
    [
      'NUL characters',
      'suites: { a: { command: "a\\0b", env: { A: "a\\0b" } } }',
      [
        '1 suites.a.command: Must not contain NUL characters.',
        '1 suites.a.env.A: Must not contain NUL characters.',
      ],
    ],
    ['a key that is there twice', 'tags: true\ntags: false\n', ['2 : Map keys must be unique.']],
    [
      'a bracket that is not closed',
      'suites: [\n',
      ['2 : Flow sequence in block collection must be sufficiently indented and end with a ].'],
    ],
    ['a list where a map belongs', '- a\n- b\n', ['1 : Expected a map, received a list.']],
    [
      'a role without a stack',
      'suites:\n  unit:\n    command: a\n    stack: false\n    role: arn:aws:iam::123456789012:role/deploy/a\n',
      ['5 suites.unit.role: `role` has no effect without a stack: remove it, or allow a stack.'],
    ],
    [
      'a role that is no ARN',
      'suites:\n  unit:\n    command: a\n    role: deployer\n',
      ['4 suites.unit.role: The ARN of an IAM role.'],
    ],
  ])('names the line and the mistake: %s', (_, text, mistakes) => {
    expect(mistakesOf(readSettings(text))).toEqual(mistakes);
  });

  it('rejects aliases that expand without limit', () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`)
      .join('\n')}`;
    expect(readSettings(bomb).ok).toBe(false);
  });

  it('never throws, and gives every mistake a line of the file', () => {
    const words = fc.constantFrom(
      'suites',
      'unit',
      'command',
      'stack',
      ':',
      '-',
      ' ',
      '\n',
      '  ',
      '{',
      '[',
      '&a',
      '*a',
      '"',
      '|',
      '!!int',
      '1',
      'x',
      '<<',
      '?',
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const reading = readSettings(text);
        if (reading.ok) return;
        expect(reading.mistakes.length).toBeGreaterThan(0);
        for (const { line, message } of reading.mistakes) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length + 1);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: cases(250) },
    );
  });
});

describe('settings of an organization and of a repository', () => {
  const organisation = fileOf(`
defaults: { timeout: 5m, env: { TEAM: core, TZ: UTC } }
stack: { prefix: qa-, maxStacks: 3 }
suites: { lint: { command: make lint } }
`);

  it("uses the organization's suites if the repository defines none", () => {
    const { suites } = mergeSettings(undefined, organisation);
    expect(suites).toMatchObject([{ name: 'lint', command: 'make lint', timeout: 300 }]);
  });

  it('merges defaults and the pool key by key, and the repository takes precedence', () => {
    const repository = fileOf(`
defaults: { env: { TZ: CET } }
stack: { maxStacks: 5 }
suites: { unit: { command: npm test, timeout: 60s } }
`);
    expect(mergeSettings(repository, organisation)).toMatchObject({
      suites: [{ name: 'unit', timeout: 60, env: { TEAM: 'core', TZ: 'CET' } }],
      stack: { prefix: 'qa-', maxStacks: 5 },
    });
  });

  it('lets a repository disable stacks', () => {
    expect(mergeSettings(fileOf('stack: false\n'), organisation).stack).toBe(false);
  });
});

describe('deploy', () => {
  it('is one deployment, named after its check', () => {
    const file = fileOf('deploy:\n  command: ./deploy.sh\n  paths: src/**\n  timeout: 20m\n');
    expect(mergeSettings(file, undefined).deploys).toEqual([
      {
        name: 'deploy',
        command: './deploy.sh',
        paths: ['src/**'],
        timeout: 1200,
        env: {},
        secrets: {},
      },
    ]);
  });

  it('is several by name, in the order of their definition', () => {
    const file = fileOf('deploy:\n  web:\n    command: w\n  api:\n    command: a\n');
    expect(mergeSettings(file, undefined).deploys.map(({ name }) => name)).toEqual([
      'deploy/web',
      'deploy/api',
    ]);
  });

  it('takes its machine and its environment from the defaults, and keeps what it sets itself', () => {
    const file = fileOf(`
defaults:
  setup: npm ci
  memory: 4GB
  env: { STAGE: test, REGION: eu }
  paths: 'ignored/**'
deploy:
  command: ./deploy.sh
  env: { STAGE: prod }
`);
    const [deploy] = mergeSettings(file, undefined).deploys;
    expect(deploy).toMatchObject({
      setup: 'npm ci',
      memory: 4096,
      env: { STAGE: 'prod', REGION: 'eu' },
    });
    expect(deploy?.paths).toBeUndefined();
  });

  it('is that of the organization if the repository has none', () => {
    const organization = fileOf('deploy:\n  command: shared\n');
    expect(mergeSettings(fileOf(''), organization).deploys).toMatchObject([{ command: 'shared' }]);
    expect(mergeSettings(fileOf('deploy:\n  command: own\n'), organization).deploys).toMatchObject([
      { command: 'own' },
    ]);
  });
});
