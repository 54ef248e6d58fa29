import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CloneRules, checkCloneUrl, whyNotCloneUrl } from '../../../../app/core/model/clone-url.ts';
import { anyCharacter, anyUrl } from '../../../helpers/any-character.ts';
import { cases } from '../../../helpers/cases.ts';

const server: CloneRules = { allowFileUrls: false, allowPrivateHosts: false };
const laptop: CloneRules = { allowFileUrls: true, allowPrivateHosts: true };

const reason = (url: string, rules: CloneRules) => whyNotCloneUrl(url, rules)?.message;

describe('whyNotCloneUrl', () => {
  it.each([
    'https://github.com/acme/site.git',
    'https://git.example.com:8443/team/site',
    'ssh://git@github.com/acme/site.git',
    'ssh://git@git.example.com:2222/acme/site.git',
    'git@github.com:acme/site.git',
    'github.com:acme/site',
    'https://8.8.8.8/acme/site.git',
    'https://[2606:4700::1111]/acme/site.git',
  ])('lets a public server clone %s', (url) => {
    expect(reason(url, server)).toBeUndefined();
  });

  it.each([
    'file:///home/me/site',
    'file:///home/me/my%20site',
    'http://127.0.0.1:8080/site.git',
    'http://localhost/site.git',
    'https://git.local/site.git',
    'ssh://git@10.1.2.3/site.git',
    'git@192.168.1.4:site.git',
    'http://[::1]:3000/site.git',
  ])('lets a laptop clone %s', (url) => {
    expect(reason(url, laptop)).toBeUndefined();
  });

  it.each([
    ['ext::sh -c touch% /tmp/x', 'its URL contains characters other than printable ASCII, or a backslash'],
    ['ext::sh', 'its URL names a remote helper of git'],
    ['fd::17/site', 'its URL names a remote helper of git'],
    ['git://github.com/acme/site.git', 'its URL has the scheme git:'],
    ['ftp://example.com/site.git', 'its URL has the scheme ftp:'],
    ['javascript://example.com/%0aalert(1)', 'its URL has the scheme javascript:'],
    ['/home/me/site', 'it is not a URL'],
    ['../site', 'it is not a URL'],
    ['--upload-pack=touch:x', 'it is not a URL'],
    ['-oProxyCommand=x:y', 'it is not a URL'],
    ['git@-oProxyCommand=x:y', 'it is not a URL'],
    ['git@host.example:-x', 'it is not a URL'],
    ['ssh://-oProxyCommand=x/y', '-oProxyCommand=x is not a valid host name'],
    ['ssh://-oProxyCommand@example.com/y', 'the user in its URL begins with -'],
    ['ssh://%2doProxyCommand@example.com/y', 'the user in its URL begins with -'],
    ['https://user:secret@github.com/acme/site.git', 'its URL contains credentials'],
    ['https://token@github.com/acme/site.git', 'its URL contains credentials'],
    ['ssh://git:secret@github.com/acme/site.git', 'its URL contains credentials'],
    ['https://github.com@evil.example/acme/site.git', 'its URL contains credentials'],
    ['https://github.com/acme/site.git#main', 'its URL has a query or a fragment'],
    ['https://github.com/acme/site.git?x=1', 'its URL has a query or a fragment'],
    ['https://github.com', 'its URL has no repository'],
    ['https:///acme', 'its URL has no repository'],
    ['https://', 'its URL cannot be parsed'],
    ['https://evil\\@github.com/x', 'its URL contains characters other than printable ASCII, or a backslash'],
    ['https://github.com/a\nb', 'its URL contains characters other than printable ASCII, or a backslash'],
    ['https://gïthub.com/acme', 'its URL contains characters other than printable ASCII, or a backslash'],
    ['', 'its URL contains characters other than printable ASCII, or a backslash'],
    [`https://github.com/${'a'.repeat(2048)}`, 'its URL is longer than 2048 characters'],
  ])('never allows %j', (url, message) => {
    expect(reason(url, laptop)).toBe(message);
  });

  it.each([
    ['file:///etc', 'its URL is a file: URL'],
    ['http://github.com/acme/site.git', 'its URL is plain http'],
    ['http://localhost/site.git', 'the host localhost is private'],
    ['https://redis/site.git', 'the host redis is private'],
    ['https://db.internal/site.git', 'the host db.internal is private'],
    ['https://10.0.0.8/site.git', 'the host 10.0.0.8 is private'],
    ['https://100.64.0.1/site.git', 'the host 100.64.0.1 is private'],
    ['https://0/site.git', 'the host 0.0.0.0 is private'],
    ['https://[::1]/site.git', 'the host [::1] is private'],
    ['https://[fd12::1]/site.git', 'the host [fd12::1] is private'],
  ])('does not let a public server clone %s', (url, message) => {
    expect(reason(url, server)).toBe(message);
  });

  it('lets a laptop clone over plain http only within its network', () => {
    expect(reason('http://github.com/acme/site.git', laptop)).toBe('its URL is plain http');
  });

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '2852039166',
    '0xa9fea9fe',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
    '169.254.169.254.',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::1]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[FD00:EC2:0::254]',
    'metadata.google.internal',
    'METADATA.google.internal.',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
  ])('never allows %s, with any kind of URL and any settings', (host) => {
    for (const url of [`https://${host}/x`, `http://${host}/x`, `ssh://git@${host}/x`, `git@${host}:x`]) {
      expect({ url, reason: reason(url, laptop) }).toEqual({
        url,
        reason: expect.stringMatching(/never clones from the host|it is not a URL/),
      });
    }
  });

  it.each(['08.1.1.1', '1.2.3.4.5', '300.1.1.1', '0x', 'a..b', '-a.b', 'a_.-b', '[::1', 'x'.repeat(64)])(
    'does not accept %s as a host',
    (host) => {
      expect(reason(`ssh://git@${host}/x`, laptop)).toMatch(/is not a valid host name|cannot be parsed/);
    },
  );

  it("allows only the hosts of a project's list, if it has one", () => {
    const rules = { ...server, allowedHosts: ['GitHub.com', '*.corp.example'] };
    expect(reason('https://github.com/acme/site', rules)).toBeUndefined();
    expect(reason('git@git.corp.example:acme/site', rules)).toBeUndefined();
    expect(reason('https://corp.example/x', rules)).toMatch(/not among the project's allowedHosts/);
    expect(reason('https://evilgithub.com/x', rules)).toMatch(/not among the project's allowedHosts/);
    expect(reason('https://github.com.evil.example/x', rules)).toMatch(/not among/);
  });

  it("does not let a project's list allow what the server forbids", () => {
    const rules = { ...server, allowedHosts: ['127.0.0.1', '169.254.169.254'] };
    expect(reason('https://127.0.0.1/x', rules)).toMatch(/is private/);
    expect(reason('https://169.254.169.254/x', { ...rules, allowPrivateHosts: true })).toMatch(
      /never clones/,
    );
  });

  it('rejects every spelling of a private IPv4 address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    );
    fc.assert(
      fc.property(address, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const hex = (value: number) => `0x${value.toString(16)}`;
        const spellings = [
          `${a}.${b}.${c}.${d}`,
          String(number),
          hex(number),
          `0${number.toString(8)}`,
          [a, b, c, d].map(hex).join('.'),
          `${a}.${b}.${c * 256 + d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
        ];
        for (const host of spellings) {
          expect({ host, why: reason(`ssh://git@${host}/x`, server) }).toEqual({
            host,
            why: expect.stringMatching(/is private|never clones from the host/),
          });
        }
      }),
    );
  });

  it('handles any text, and never allows a possible command-line option', () => {
    const hostile = fc.oneof(
      fc.string({ unit: anyCharacter }),
      anyUrl,
      fc
        .tuple(fc.constantFrom('https://', 'ssh://', 'git@', 'file://', '-', 'ext::', ''), fc.string())
        .map(([start, rest]) => start + rest),
    );
    fc.assert(
      fc.property(hostile, (url) => {
        const why = whyNotCloneUrl(url, laptop);
        expect(why !== undefined || /^[A-Za-z0-9[]/.test(url)).toBe(true);
      }),
      { numRuns: cases(100) },
    );
  });
});

describe('checkCloneUrl', () => {
  it('throws an error with a code, the reason, the path, and a hint', () => {
    expect(() => checkCloneUrl('https://me:secret@github.com/x', server)).toThrow(
      expect.objectContaining({
        code: 'url_not_allowed',
        message: 'This repository cannot be cloned: its URL contains credentials.',
        hint: expect.stringContaining('change them'),
        details: [{ path: 'repo_url', message: 'its URL contains credentials' }],
      }),
    );
  });
});
