import { describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import { isImageName } from '../../../../app/core/model/service.ts';
import { mergeSettings, readSettings } from '../../../../app/core/settings/settings.ts';
import { specOfSuite } from '../../../../app/core/settings/suite-spec.ts';

function suitesOf(yaml: string) {
  const reading = readSettings(yaml);
  if (!reading.ok) throw new Error(reading.mistakes.map(({ message }) => message).join('\n'));
  return mergeSettings(reading.file, undefined).suites;
}

const mistakesOf = (services: string) => {
  const reading = readSettings(`suites: {unit: {command: npm test, services: ${services}}}`);
  return reading.ok ? [] : reading.mistakes.map(({ path, message }) => `${path}: ${message}`);
};

describe('the services of a suite', () => {
  it('have an image, and defaults for everything else', () => {
    const [suite] = suitesOf('suites: {unit: {command: npm test, services: {db: {image: "postgres:16"}}}}');
    expect(suite?.services).toEqual([
      {
        name: 'db',
        image: 'postgres:16',
        env: {},
        ports: [],
        cpuUnits: 512,
        memoryMib: 1024,
        timeoutSeconds: 120,
      },
    ]);
  });

  it('take the values of a matrix', () => {
    const suites = suitesOf(`
suites:
  unit:
    command: npm test
    matrix: {pg: [15, 16]}
    services:
      db:
        image: postgres:{matrix.pg}
        command: postgres -c port={matrix.pg}
        ready: pg_isready -p {matrix.pg}
        env: {PGVERSION: '{matrix.pg}'}
        ports: 5432
        cpu: 0.25
        memory: 512MB
        timeout: 90s
        credentials: secretsmanager:berth/secrets/shared/registry
`);
    expect(suites[1]?.services?.[0]).toEqual({
      name: 'db',
      image: 'postgres:16',
      command: ['postgres', '-c', 'port=16'],
      ready: 'pg_isready -p 16',
      env: { PGVERSION: '16' },
      ports: [5432],
      cpuUnits: 256,
      memoryMib: 512,
      timeoutSeconds: 90,
      credentials: 'secretsmanager:berth/secrets/shared/registry',
    });
  });

  it.each([
    ['{db: {image: "Postgres:16"}}', /db\.image: The name of a container image/],
    ['{db: {image: "--privileged"}}', /db\.image/],
    ['{DB: {image: redis}}', /Lower-case letters/],
    ['{localhost: {image: redis}}', /not localhost/i],
    ['{db: {}}', /`image` is missing/],
    ['{db: {image: redis, redy: "true"}}', /Did you mean `ready`/],
    ['{db: {image: redis, command: "redis-server --name \'a b\'"}}', /list of arguments/],
    ['{db: {image: redis, ports: [0]}}', /ports/],
    ['{db: {image: redis, timeout: 2h}}', /at most 30m/],
    ['{db: {image: redis, credentials: "hunter2"}}', /secretsmanager:<name>/i],
    ['{a: {image: redis, ports: 6379}, b: {image: redis, ports: [6379]}}', /service a has port 6379 too/],
    [`{${Array.from({ length: 9 }, (_, n) => `s${n}: {image: redis}`).join(', ')}}`, /at most 8 services/i],
  ])('are refused: %s', (services, message) => {
    expect(mistakesOf(services).join('\n')).toMatch(message);
  });

  it('are refused if a value of the matrix makes an invalid name of an image', () => {
    const reading = readSettings(`
suites:
  unit:
    command: npm test
    matrix: {pg: ['16 alpine']}
    services: {db: {image: 'postgres:{matrix.pg}'}}
`);
    expect(reading).toMatchObject({
      ok: false,
      mistakes: [{ path: 'suites.unit.services.db.image', message: expect.stringContaining('16 alpine') }],
    });
  });

  it.each([
    [true, false, undefined],
    [true, true, 'secretsmanager:x'],
    [false, false, 'secretsmanager:x'],
  ])('have credentials (untrusted: %s, forks.secrets: %s): %s', (untrusted, forkSecrets, credentials) => {
    const [suite] = suitesOf(
      'suites: {unit: {command: npm test, services: {db: {image: redis, credentials: "secretsmanager:x"}}}}',
    );
    if (suite === undefined) throw new Error('no suite');
    const origin = {
      cloneUrl: 'https://github.com/o/r.git',
      branch: 'b',
      holder: holder.run(runId('r')),
      isKept: true,
      untrusted,
    };
    const spec = specOfSuite(suite, origin, { id: runId('r'), pool: undefined, forkSecrets });
    expect(spec.services?.[0]?.credentials).toBe(credentials);
  });
});

describe('the name of an image', () => {
  it.each([
    'postgres',
    'postgres:16-alpine',
    'library/redis:7',
    'ghcr.io/owner/name__x.y-z:1.0',
    'localhost:5000/a/b@sha256:'.concat('a'.repeat(64)),
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/db:v1',
  ])('can be %s', (name) => {
    expect(isImageName(name)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:',
    'a@sha256:1',
    '/a',
    'a//b',
    'a:b:c',
    '-a',
    'a\n',
    'https://a/b',
    `${'a-'.repeat(400)}`,
  ])('cannot be %j', (name) => {
    expect(isImageName(name)).toBe(false);
  });
});
