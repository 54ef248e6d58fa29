import { afterEach, describe, expect, it } from '@jest/globals';
import { oidcCredentials } from '../../../action/oidc-credentials.ts';
import { createBerthApi } from '../../../app/client/berth-api.ts';
import { noRetry } from '../../../app/client/retry.ts';
import { answer, scriptedServers } from '../../helpers/scripted-server.ts';

const servers = scriptedServers();
afterEach(() => servers.close());

describe('OIDC tokens', () => {
  const tokenUntil = (name: string, endsAtMs: number): string =>
    `${name}.${Buffer.from(JSON.stringify({ exp: endsAtMs / 1000 })).toString('base64url')}.signature`;

  it('are used until a minute before they expire', async () => {
    let now = 0;
    let fetched = 0;
    const credentials = oidcCredentials({
      now: () => now,
      async fetchToken() {
        fetched += 1;
        return tokenUntil(`token${fetched}`, now + 300_000);
      },
    });
    const name = async (): Promise<string | undefined> =>
      (await credentials.headers()).Authorization?.match(/token\d/)?.[0];
    expect(await name()).toBe('token1');
    now = 239_000;
    expect(await name()).toBe('token1');
    now = 240_000;
    expect(await name()).toBe('token2');
  });

  it('are used until they expire if GitHub gives no new one', async () => {
    let now = 0;
    let isAway = false;
    const credentials = oidcCredentials({
      now: () => now,
      async fetchToken() {
        if (isAway) throw new Error('away');
        return tokenUntil('old', 300_000);
      },
    });
    await credentials.headers();
    [isAway, now] = [true, 299_000];
    await expect(credentials.headers()).resolves.toMatchObject({
      Authorization: expect.stringContaining('old'),
    });
    now = 300_000;
    await expect(credentials.headers()).rejects.toThrow('away');
  });

  it('are replaced once if Berth refuses one', async () => {
    const refusal = answer(401, { message: 'The token has expired.', code: 'unauthorized' });
    let fetched = 0;
    const credentials = oidcCredentials({
      now: () => 0,
      async fetchToken() {
        fetched += 1;
        return tokenUntil('token', 300_000);
      },
    });
    const { url, requests } = await servers.start(refusal, answer(200, { workflow_id: 'one' }), refusal);
    const api = createBerthApi({ url, credentials, fetch, retry: noRetry, now: () => 0 });
    await api.runStatus('one');
    expect(fetched).toBe(2);
    await expect(api.runStatus('one')).rejects.toThrow('The token has expired.');
    expect(requests).toHaveLength(4);
  });
});
