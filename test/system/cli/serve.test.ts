import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { berth, berthServer, startBerth } from '../../helpers/berth-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

describe('berth serve', () => {
  it('prints the first key once, which opens the server now and after a restart', async () => {
    const directory = home.path;
    const first = startBerth(['serve', '--port', '0'], { directory });
    const key = await eventually('the key', async () => /BERTH_API_KEY=(\S+)/.exec(first.written().out)?.[1]);
    const url = /serves (\S+)/.exec(first.written().out)?.[1] ?? '';
    expect(first.written().out).toContain(`export BERTH_URL=${url}\n`);
    expect(
      (await berth(['stacks'], { directory, env: { BERTH_URL: url, BERTH_API_KEY: key } })).exitCode,
    ).toBe(0);
    first.child.kill('SIGINT');
    expect((await first.ended).exitCode).toBe(0);

    const second = startBerth(['serve', '--port', '0'], { directory });
    await eventually('the second start', async () => second.written().out.includes('Press Ctrl-C'));
    expect(second.written().out).not.toContain('BERTH_API_KEY');
    const again = /serves (\S+)/.exec(second.written().out)?.[1] ?? '';
    expect(
      (await berth(['stacks'], { directory, env: { BERTH_URL: again, BERTH_API_KEY: key } })).exitCode,
    ).toBe(0);
    second.child.kill('SIGTERM');
    expect((await second.ended).exitCode).toBe(0);
  });

  it('gets a new key from its data directory if the first one is lost, while it is stopped', async () => {
    const directory = home.path;
    const create = ['keys', 'create', 'admin', '--scope', 'admin', '--all-projects', '--offline'];
    const server = await berthServer({ directory });
    expect(await berth(create, { directory })).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining('Another Berth process'),
    });
    await server.stop();

    const { exitCode, out, err } = await berth(create, { directory });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringContaining('shown only once') });
    const again = await berthServer({ directory });
    const env = { BERTH_URL: again.url, BERTH_API_KEY: out.trim() };
    expect((await berth(['keys'], { directory, env })).out).toContain('admin');
    await again.stop();
  });

  it('refuses a data directory that is a file, in a sentence', async () => {
    await writeFile(join(home.path, 'file'), '');
    const { exitCode, err } = await berth(['serve', '--data-dir', 'file'], { directory: home.path });
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Berth cannot use the data directory .*file is not a directory/);
    expect(err).not.toContain('    at ');
  });

  it('reads .env, as the commands that talk to it do', async () => {
    const directory = home.path;
    const server = await berthServer({ directory });
    await writeFile(
      join(directory, '.env'),
      `BERTH_URL=${server.url}\nBERTH_API_KEY=${server.env.BERTH_API_KEY}\n`,
    );
    expect((await berth(['runs'], { directory })).out).toBe('No runs. Start one with `berth run`.\n');
    await server.stop();
  });

  it('keeps idle connections longer than proxies before it do', async () => {
    const server = await berthServer({ directory: home.path });
    const { headers } = await fetch(`${server.url}/healthz`);
    expect(headers.get('keep-alive')).toBe('timeout=75');
    await server.stop();
  });

  it('says so where another server has the port, or the data', async () => {
    const directory = home.path;
    const server = await berthServer({ directory });
    const port = new URL(server.url).port;
    const samePort = await berth(['serve', '--port', port, '--data-dir', 'other'], { directory });
    expect(samePort).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`),
    });
    const sameData = await berth(['serve', '--port', '0', '--json'], { directory });
    expect(sameData.exitCode).toBe(5);
    expect(JSON.parse(sameData.err)).toMatchObject({ error: { code: 'data_dir_in_use' } });
    await server.stop();
  });

  it('tells every mistake of its environment', async () => {
    const env = { PORT: 'many', BERTH_EXECUTOR: 'magic' };
    const { exitCode, err } = await berth(['serve'], { directory: home.path, env });
    expect(exitCode).toBe(2);
    expect(err).toContain('PORT:');
    expect(err).toContain('BERTH_EXECUTOR:');
  });
});
