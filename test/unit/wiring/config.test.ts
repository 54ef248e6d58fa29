import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { githubAppOf, parseConfig } from '../../../app/wiring/config/config.ts';

function mistakesIn(environment: Record<string, string>): BerthError {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the configuration', () => {
  it('listens on port 3000 of the loopback interface by default', () => {
    expect(parseConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      executor: 'auto',
      allowFileUrls: false,
    });
  });

  it('treats an empty variable as not set', () => {
    expect(parseConfig({ PORT: '', BERTH_API_KEY: '' })).toMatchObject({ port: 3000 });
  });

  it('reads flags as people write them', () => {
    for (const yes of ['true', '1', 'yes', 'on']) {
      expect(parseConfig({ BERTH_ALLOW_FILE_URLS: yes }).allowFileUrls).toBe(true);
    }
    expect(parseConfig({ BERTH_ALLOW_FILE_URLS: 'off' }).allowFileUrls).toBe(false);
  });

  it('reports all mistakes together', () => {
    const error = mistakesIn({ PORT: '99999', BERTH_EXECUTOR: 'vm', BERTH_ALLOW_FILE_URLS: 'perhaps' });
    expect(error.code).toBe('config_invalid');
    expect(error.details?.map(({ path }) => path).sort()).toEqual([
      'BERTH_ALLOW_FILE_URLS',
      'BERTH_EXECUTOR',
      'PORT',
    ]);
  });

  it.each(['abc', '80.5', '-1', '99999'])('explains what a port is for the value %s', (port) => {
    expect(mistakesIn({ PORT: port }).message).toContain('PORT: must be an integer from 0 to 65535');
  });

  it('never repeats a secret in an error message', () => {
    const error = mistakesIn({ BERTH_API_KEY: 'hunter2' });
    expect(error.message).toContain('BERTH_API_KEY');
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter2');
  });

  it("uses the App's client as a whole, before that of an App from the setup page", () => {
    const client = { GITHUB_CLIENT_ID: 'Iv1.abc', GITHUB_CLIENT_SECRET: 's'.repeat(40) };
    for (const [name, other] of [
      ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
      ['GITHUB_CLIENT_SECRET', 'GITHUB_CLIENT_ID'],
    ] as const) {
      expect(mistakesIn({ [name]: client[name] }).details).toMatchObject([{ path: other }]);
    }
    const created = {
      appId: 7,
      privateKey: 'key',
      webhookSecret: 'a secret',
      htmlUrl: 'https://github.com/apps/berth',
      client: { id: 'Iv1.old', secret: 'old' },
    };
    expect(githubAppOf(parseConfig({}), created)?.client).toEqual(created.client);
    expect(githubAppOf(parseConfig(client), created)).toMatchObject({
      appId: 7,
      client: { id: 'Iv1.abc', secret: 's'.repeat(40) },
    });
    expect(githubAppOf(parseConfig(client), undefined)).toBeUndefined();
  });

  it('has no trailing slash in the public URL', () => {
    expect(parseConfig({ BERTH_PUBLIC_URL: 'https://berth.example/ci/' }).publicUrl).toBe(
      'https://berth.example/ci',
    );
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(parseConfig({}))).toBe(true);
  });
});

describe('secrets of the server', () => {
  const aPrivateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string; // With the format `pem` it is text.
  const app = { APP_ID: '7', WEBHOOK_SECRET: 'secret-of-webhooks', PRIVATE_KEY: aPrivateKey };
  const aws = { BERTH_TABLE: 'berth', AWS_REGION: 'eu-central-1', AWS_SECRET_ACCESS_KEY: 'of-the-server' };

  it.each<[string, Record<string, string>, string]>([
    ['by name', { ...app, BERTH_PASS_ENV: 'NPM_TOKEN,WEBHOOK_SECRET' }, 'WEBHOOK_SECRET'],
    ['by a pattern', { ...app, BERTH_PASS_ENV: 'PRIVATE_*' }, 'PRIVATE_KEY'],
    ['with everything', { ...app, BERTH_PASS_ENV: '*' }, 'WEBHOOK_SECRET, PRIVATE_KEY'],
    ['as the environment of the user', { ...app, BERTH_TASK_ENV: 'user' }, 'BERTH_TASK_ENV: must be clean'],
    ['of AWS', { ...aws, BERTH_PASS_ENV: 'AWS_*' }, 'AWS_SECRET_ACCESS_KEY'],
    ['of AWS, as the environment of the user', { ...aws, BERTH_TASK_ENV: 'user' }, 'AWS_SECRET_ACCESS_KEY'],
    ['of Berth', { BERTH_PASS_ENV: 'BERTH_API_KEY' }, 'BERTH_API_KEY'],
  ])('are never passed to tests: %s', (_, environment, named) => {
    const error = mistakesIn(environment);
    expect(error.code).toBe('config_invalid');
    expect(error.message).toContain(named);
    expect(error.message).not.toContain('of-the-server');
  });

  it('are not meant by variables that this server does not use', () => {
    const ofUser = { WEBHOOK_SECRET: 'of-another-app', AWS_ACCESS_KEY_ID: 'of-the-user' };
    expect(parseConfig({ ...ofUser, BERTH_TASK_ENV: 'user' }).taskEnv).toMatchObject(ofUser);
    expect(parseConfig({ ...app, BERTH_PASS_ENV: 'NPM_TOKEN', NPM_TOKEN: 'x' }).taskEnv).toEqual({
      PATH: expect.any(String),
      NPM_TOKEN: 'x',
      BERTH_PASS_ENV: 'NPM_TOKEN',
    });
  });
});
