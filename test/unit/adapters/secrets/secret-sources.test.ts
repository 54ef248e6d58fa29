import { describe, expect, it } from '@jest/globals';
import {
  parseSecretReference,
  type SecretReference,
} from '../../../../app/adapters/secrets/secret-reference.ts';
import { secretSources } from '../../../../app/adapters/secrets/secret-sources.ts';
import type { Sources } from '../../../../app/ports/sources.ts';
import { aRun } from '../../../helpers/a-run.ts';

const sources: Sources = {
  resolve: async ({ spec }) => ({
    source: { kind: 'git', url: spec.source.url, branch: spec.branch },
    secretEnv: { FROM_SOURCE: 'kept', ...spec.secrets },
  }),
};

const github = {
  repositoryId: 7,
  installationId: 1,
  owner: 'octo-org',
  repo: 'shop',
  headSha: 'f'.repeat(40),
};

const resolve = async (
  secrets: Record<string, string>,
  values: Record<string, string> = {},
  byName = true,
) => {
  const asked: SecretReference[] = [];
  const subject = secretSources({
    sources,
    prefix: '/berth/secrets/',
    byName,
    read: async (references) => {
      asked.push(...references);
      return new Map(Object.entries(values));
    },
  });
  const { secretEnv } = await subject.resolve(aRun({ github }, { secrets }));
  return { secretEnv, asked };
};

describe('a reference to a secret', () => {
  it.each([
    ['ssm:/berth/a', { service: 'ssm', name: '/berth/a', id: '/berth/a' }],
    ['secretsmanager:berth/a', { service: 'secretsmanager', name: 'berth/a', id: 'berth/a' }],
    [
      'secretsmanager:berth/a:user',
      { service: 'secretsmanager', name: 'berth/a', id: 'berth/a', jsonKey: 'user' },
    ],
    [
      'arn:aws:ssm:eu-central-1:1:parameter/berth/a',
      { service: 'ssm', name: '/berth/a', id: 'arn:aws:ssm:eu-central-1:1:parameter/berth/a' },
    ],
    [
      'arn:aws-cn:secretsmanager:cn-north-1:1:secret:berth/a-AbC123:user::',
      {
        service: 'secretsmanager',
        name: 'berth/a',
        id: 'arn:aws-cn:secretsmanager:cn-north-1:1:secret:berth/a-AbC123',
        jsonKey: 'user',
      },
    ],
  ])('%s', (reference, expected) => {
    expect(parseSecretReference(reference)).toEqual(expected);
  });

  it.each(['', 'vault:a', 'ssm:', 'arn:aws:s3:::bucket/a', 'secretsmanager:'])('is not %j', (reference) => {
    expect(parseSecretReference(reference)).toBeUndefined();
  });
});

describe('the secrets of a suite', () => {
  it('are in the environment of its command, with those of the source', async () => {
    const { secretEnv } = await resolve(
      { DB: 'ssm:/berth/secrets/octo-org/shop/db', NPM: 'secretsmanager:berth/secrets/shared/npm:token' },
      { '/berth/secrets/octo-org/shop/db': 'postgres://', 'berth/secrets/shared/npm': '{"token": "npm_1"}' },
    );
    expect(secretEnv).toEqual({ FROM_SOURCE: 'kept', DB: 'postgres://', NPM: 'npm_1' });
  });

  it('are those of the repository with the ID, and by name only where that is allowed', async () => {
    const byId = { DB: 'ssm:/berth/secrets/repository.7/db' };
    const byIdValues = { '/berth/secrets/repository.7/db': 'x' };
    expect((await resolve(byId, byIdValues, false)).secretEnv).toMatchObject({ DB: 'x' });
    await expect(resolve({ DB: 'ssm:/berth/secrets/repository.8/db' })).rejects.toThrow('does not belong to');
    await expect(resolve({ DB: 'ssm:/berth/secrets/octo-org/shop/db' }, {}, false)).rejects.toThrow(
      'does not belong to',
    );
  });

  it.each([
    ["of another repository's", 'ssm:/berth/secrets/octo-org/other/db'],
    ['of a repository whose name begins alike', 'ssm:/berth/secrets/octo-org/shop-2/db'],
    ["of Berth's own", 'ssm:/berth/app/private-key'],
    ['of another team, by ARN', 'arn:aws:secretsmanager:us-east-1:1:secret:payments/key-AbC123'],
  ])('cannot be one %s', async (_whose, reference) => {
    await expect(resolve({ A: reference })).rejects.toMatchObject({
      code: 'launch_failed',
      hint: 'Its name must begin with /berth/secrets/repository.7/ or /berth/secrets/octo-org/shop/ or /berth/secrets/shared/.',
    });
  });

  it('that do not exist are reported by name', async () => {
    await expect(resolve({ DB: 'ssm:/berth/secrets/shared/db' })).rejects.toMatchObject({
      message: 'The secret `/berth/secrets/shared/db` for DB cannot be read: it does not exist.',
    });
  });

  it('that are not JSON are never quoted', async () => {
    const error: unknown = await resolve(
      { A: 'secretsmanager:berth/secrets/shared/a:key' },
      { 'berth/secrets/shared/a': 'hush, hush' },
    ).catch((reason) => reason);
    expect(error).toMatchObject({
      message: expect.stringContaining('not a JSON object with a string at `key`'),
    });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('hush');
    expect(error).not.toHaveProperty('cause');
  });

  it('are not read if there are none', async () => {
    expect((await resolve({})).asked).toEqual([]);
  });
});
