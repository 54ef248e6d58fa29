import { describe, expect, it } from '@jest/globals';
import { sessionsOf } from '../app/aws-sessions.ts';
import { fakeClock } from './helpers/memory-deps.ts';

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

describe('sessions on functions, which share no memory and no files', () => {
  it('of one instance are known by every other with the same secret, and by none with another', () => {
    const secret = 's'.repeat(32);
    const [one, other, stranger] = [secret, secret, 't'.repeat(32)].map(
      (each) => sessionsOf(each, undefined, clock).sessions?.tokens,
    );
    const sealed = one?.seal(claim) ?? '';
    expect(other?.open(sealed)).toEqual(claim);
    expect(stranger?.open(sealed)).toBeUndefined();
  });

  it('are signed by the key of the App where no secret is named, and not at all without either', () => {
    const sealed = sessionsOf(undefined, github, clock).sessions?.tokens.seal(claim) ?? '';
    expect(sessionsOf(undefined, github, clock).sessions?.tokens.open(sealed)).toEqual(claim);
    expect(sessionsOf(undefined, undefined, clock)).toEqual({});
  });

  it('want a secret that nobody guesses', () => {
    expect(() => sessionsOf('short', github, clock)).toThrow('BERTH_SESSION_SECRET is short');
  });

  it('are had with GitHub where the App has a client', async () => {
    expect(sessionsOf(undefined, github, clock).sessions?.people).toBeUndefined();
    const { people } = sessionsOf(undefined, { ...github, client }, clock).sessions ?? {};
    const url = await people?.authorizeUrl({
      state: 's',
      codeChallenge: 'c',
      redirectUrl: 'https://berth.test/x',
    });
    expect(url).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?.*client_id=Iv1\.1/);
  });
});
