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
