import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { parseGitUrl } from '../../../runner-image/src/source/git-url.ts';
import { pinnedHost } from '../../../runner-image/src/source/resolve-host.ts';

const remote = parseGitUrl('https://code.example/a.git');
const resolving = (...addresses: string[]) => ({
  env: {},
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
});

describe('the host of a repository', () => {
  it.each([
    ['169.254.169.254', true],
    ['fd00:ec2::254', true],
    ['::ffff:169.254.169.254', true],
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['::1', false],
    ['fd12::1', false],
  ])('that resolves to %s is refused (private addresses allowed: %p)', async (address, allowPrivateHosts) => {
    const options = { ...resolving('203.0.113.9', address), allowPrivateHosts };
    // 203.0.113.0/24 is for documentation, and is refused too; a public address does not make up for another one.
    await expect(pinnedHost(remote, options)).rejects.toMatchObject({ code: 'source_refused' });
    const mixed = { ...resolving('93.184.215.14', address), allowPrivateHosts };
    await expect(pinnedHost(remote, mixed)).rejects.toMatchObject({ code: 'source_refused' });
  });

  it('keeps the addresses that were checked', async () => {
    const options = { ...resolving('93.184.215.14', '2606:2800:21f::1'), allowPrivateHosts: false };
    expect(await pinnedHost(remote, options)).toEqual([
      ['http.curloptResolve', 'code.example:443:93.184.215.14,[2606:2800:21f::1]'],
    ]);
    const local = parseGitUrl('http://code.example:8080/a.git');
    expect(await pinnedHost(local, { ...resolving('127.0.0.1'), allowPrivateHosts: true })).toEqual([
      ['http.curloptResolve', 'code.example:8080:127.0.0.1'],
    ]);
  });

  it('is left to a proxy, and to ssh', async () => {
    const refused = { ...resolving('127.0.0.1'), allowPrivateHosts: false };
    expect(await pinnedHost(remote, { ...refused, env: { https_proxy: 'http://proxy' } })).toEqual([]);
    expect(await pinnedHost(parseGitUrl('git@code.example:a.git'), refused)).toEqual([]);
  });

  it('is reached at the pinned address, whatever the resolver says later', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.host ?? '');
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://no-such-name.invalid:${port}/a.git`;
    const pinned = await pinnedHost(parseGitUrl(url), { ...resolving('127.0.0.1'), allowPrivateHosts: true });
    const config = pinned.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    await new Promise<void>((resolve) => {
      execFile('git', [...config, 'ls-remote', url], { env: { PATH: process.env.PATH ?? '' } }, () =>
        resolve(),
      );
    });
    server.close();
    expect(asked[0]).toBe(`no-such-name.invalid:${port}`);
  });
});
