import { describe, expect, it } from '@jest/globals';
import { sessionsOf } from '../../../app/wiring/aws/aws-sessions.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

const clock = fakeClock();
const github = {
  appId: 1,
  privateKey: '-----BEGIN PRIVATE KEY-----\nnot one\n-----END PRIVATE KEY-----\n',
  webhookSecret: 'a webhook secret',
  apiUrl: 'https://api.github.com',
  webUrl: 'https://github.com',
};
const client = { id: 'Iv1.1', secret: 'x'.repeat(40) };
const claim = { kind: 'key', keyHash: 'hash', expires: new Date(clock.now().getTime() + 1000) } as const;

const shared = async () => 'what the functions share in their bucket';
const sessions = (secret?: string, app?: Parameters<typeof sessionsOf>[1], own = shared) =>
  sessionsOf(secret, app, { clock, shared: own })();

describe('sessions on functions, which share no memory and no files', () => {
  it('of one instance are valid in every other with the same secret, and in none with another', async () => {
    const secret = 's'.repeat(32);
    const sealed = (await sessions(secret)).tokens.seal(claim);
    expect((await sessions(secret)).tokens.open(sealed)).toEqual(claim);
    expect((await sessions('t'.repeat(32))).tokens.open(sealed)).toBeUndefined();
  });

  it("are signed with the App's key without a secret, and with the bucket's key without either", async () => {
    const sealed = (await sessions(undefined, github)).tokens.seal(claim);
    const unasked = async () => {
      throw new Error('asked for');
    };
    expect((await sessions(undefined, github, unasked)).tokens.open(sealed)).toEqual(claim);
    expect((await sessions()).tokens.open(sealed)).toBeUndefined();
    expect((await sessions()).tokens.open((await sessions()).tokens.seal(claim))).toEqual(claim);
  });

  it('require a strong secret', () => {
    expect(() => sessionsOf('short', github, { clock, shared })).toThrow('BERTH_SESSION_SECRET is short');
  });

  it('work with GitHub if the App has a client', async () => {
    expect((await sessions(undefined, github)).people).toBeUndefined();
    const { people } = await sessions(undefined, { ...github, client });
    const url = await people?.authorizeUrl({
      state: 's',
      codeChallenge: 'c',
      redirectUrl: 'https://berth.test/x',
    });
    expect(url).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?.*client_id=Iv1\.1/);
  });
});
