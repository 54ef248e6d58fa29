import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BerthServer, berth, berthServer } from '../../helpers/berth-process.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
let server: BerthServer;
beforeEach(async () => {
  home = await temporaryDirectory();
  server = await berthServer({ directory: home.path, env: { BERTH_ALLOW_FILE_URLS: 'false' } });
});
afterEach(async () => {
  await server.stop();
  await home.remove();
});

describe('berth run next to a server that may not read this machine', () => {
  it.each([
    ['no origin', undefined],
    ['an origin that is a path', '/nowhere/shop'],
    ['an origin that is a file: URL', 'file:///nowhere/shop'],
    ['an origin without the commit', 'https://git.invalid/shop.git'],
  ])('uploads the commit of a checkout with %s', async (_, origin) => {
    const repository = await gitRepository(join(home.path, 'shop'), {
      'tests/a.txt': 'here\n',
      // What an archive of git would leave out.
      '.gitattributes': 'tests export-ignore\n',
      '@odd': '',
    });
    if (origin !== undefined) execFileSync('git', ['-C', repository.path, 'remote', 'add', 'origin', origin]);
    const options = { directory: repository.path, env: { ...server.env, HOME: home.path } };
    const { out, err, exitCode } = await berth(
      [
        'run',
        '--command',
        'cat tests/a.txt; ls -A; echo $BERTH_SHA; git log --format=%H; git describe --always --dirty',
      ],
      options,
    );
    expect(err).toContain('✔ succeeded');
    expect(out).toContain(
      `here\n.git\n.gitattributes\n@odd\ntests\n${repository.sha}\n${repository.sha}\n${repository.sha.slice(0, 7)}\n`,
    );
    expect(exitCode).toBe(0);
  });

  it('runs no upload of another project', async () => {
    const sources = await fetch(`${server.url}/sources`, {
      method: 'POST',
      headers: { 'x-api-key': String(server.env.BERTH_API_KEY) },
    });
    expect(sources.status).toBe(201);
    const { upload_url: url } = (await sources.json()) as { upload_url: string };
    expect(url).toContain('/objects/sources/uploads/');
    const response = await fetch(`${server.url}/workflow/execute`, {
      method: 'POST',
      headers: { 'x-api-key': String(server.env.BERTH_API_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({
        repo_url: 'x',
        branch: 'main',
        test_command: 'true',
        source_id: '../x',
        sha: 'a'.repeat(40),
      }),
    });
    expect(response.status).toBe(400);
  });
});
