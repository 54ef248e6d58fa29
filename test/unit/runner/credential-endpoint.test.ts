import { afterEach, describe, expect, it } from '@jest/globals';
import type { JobRenewal } from '../../../app/core/model/job.ts';
import { createRoleCredentials } from '../../../runner-image/src/http/role-credentials.ts';
import { createSecretMasker } from '../../../runner-image/src/output/secret-masker.ts';
import {
  type CredentialEndpoint,
  startCredentialEndpoint,
} from '../../../runner-image/src/process/credential-endpoint.ts';

let endpoint: CredentialEndpoint | undefined;
afterEach(() => endpoint?.close());

const start = Date.parse('2026-01-01T00:00:00Z');
const minute = 60_000;
const credentials = (name: string, minutes: number) => ({
  AccessKeyId: name,
  SecretAccessKey: `secret-${name}`,
  Token: `token-${name}`,
  Expiration: new Date(start + minutes * minute).toISOString(),
});
type Renewal = Pick<JobRenewal, 'credentials' | 'credentialsRefused'>;

async function serve(renew: () => Promise<Renewal>) {
  let now = start;
  const secrets: string[] = [];
  const current = createRoleCredentials(credentials('first', 60), {
    renew,
    onSecret: (secret) => secrets.push(secret),
    pause: () => new Promise(() => {}),
    now: () => now,
  });
  endpoint = await startCredentialEndpoint('the-token', current);
  const url = endpoint.env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '';
  const ask = async (authorization = 'the-token') => {
    const response = await fetch(url, { headers: { authorization } });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  return { ask, url, secrets, at: (minutes: number) => (now = start + minutes * minute) };
}

describe('the credential endpoint of the runner', () => {
  it('serves the credentials of the job on loopback, to those that have its token', async () => {
    const { ask, url } = await serve(async () => ({}));
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await ask()).toEqual({ status: 200, body: credentials('first', 60) });
    for (const wrong of ['', 'the-toke', 'the-tokens']) expect((await ask(wrong)).status).toBe(401);
  });

  it('renews them before they expire, once for all that ask', async () => {
    let renewals = 0;
    const { ask, at, secrets } = await serve(async () => {
      renewals += 1;
      return { credentials: credentials('second', 110) };
    });
    at(49);
    expect((await ask()).body.AccessKeyId).toBe('first');
    at(51);
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ body }) => body.AccessKeyId)).toEqual(['second', 'second', 'second']);
    expect(renewals).toBe(1);
    expect(secrets).toEqual(['secret-second', 'token-second']);
  });

  it('refuses them once the hold has ended, even if they have not expired', async () => {
    const { ask, at } = await serve(async () => ({ credentialsRefused: 'The hold has ended.' }));
    at(51);
    expect(await ask()).toEqual({
      status: 403,
      body: { Code: 'AccessDenied', Message: 'The hold has ended.' },
    });
  });

  it('continues with the current ones while Berth does not answer, and says so when they have expired', async () => {
    const { ask, at } = await serve(() => Promise.reject(new Error('away')));
    at(55);
    expect((await ask()).body.AccessKeyId).toBe('first');
    at(61);
    expect((await ask()).status).toBe(503);
  });
});

describe('a masker', () => {
  it('masks what is added to its secrets later', () => {
    const secrets: string[] = [];
    const masker = createSecretMasker(secrets);
    const write = (text: string) => masker.push(Buffer.from(text)).toString();
    expect(write('token-second ')).toBe('token-second ');
    secrets.push('token-second');
    expect(write('token-second ') + masker.flush().toString()).toBe('*** ');
  });
});
