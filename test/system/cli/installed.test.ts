import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extract } from 'tar';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

let home: TemporaryDirectory;
let project: string;
let env: Readonly<Record<string, string>>;

/**
 * Installs the packed package as npm does: its files, its dependencies and no others, and a link to its program. The
 * dependencies are those of the clone, so that nothing is downloaded.
 */
async function install(to: string): Promise<string> {
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', to];
  await run('npm', pack, { cwd: root, env: { ...process.env, npm_config_cache: join(to, 'cache') } });
  const file = (await readdir(to)).find((name) => name.endsWith('.tgz')) ?? '';
  await extract({ file: join(to, file), cwd: to });
  const installed = join(to, 'package');
  // The manifest of the package: npm packed it.
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: Record<string, string>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(installed, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  const bin = join(to, 'bin');
  await mkdir(bin);
  for (const [name, target] of Object.entries(manifest.bin)) {
    await chmod(join(installed, target), 0o755);
    await symlink(join(installed, target), join(bin, name));
  }
  return bin;
}

beforeAll(async () => {
  home = await temporaryDirectory();
  const installation = join(home.path, 'installation');
  await mkdir(installation);
  const bin = await install(installation);
  ({ path: project } = await gitRepository(join(home.path, 'my-project'), {
    'package.json': '{"scripts":{"test":"node --test"}}',
    'a.test.js': "require('node:test')('adds', () => {});",
  }));
  env = { PATH: `${bin}:${process.env.PATH}`, HOME: home.path, BERTH_EXECUTOR: 'process' };
});
afterAll(() => home.remove());

/** The commands of the README that start with `berth`, in order. */
async function commandsOfReadme(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, ''))
      // `berth aws` needs an account: test/system/terraform/provider/install.test.ts runs it.
      .filter((line) => line.startsWith('berth ') && !line.startsWith('berth aws ')),
  );
}

describe('the packed command line, in a repository of its user', () => {
  it('runs the commands of the README', async () => {
    const commands = await commandsOfReadme();
    expect(commands).toEqual(
      expect.arrayContaining(['berth run', 'berth serve', 'berth runs', 'berth stacks']),
    );
    const serve = commands.indexOf('berth serve');
    const inProject = (command: string, more: Readonly<Record<string, string>> = {}) =>
      run('sh', ['-c', command], { cwd: project, env: { ...env, ...more } });

    for (const command of commands.slice(0, serve)) {
      // Without --local a server on port 3000 of this machine would be used.
      const { stderr } = await inProject(`${command} --local`);
      expect(stderr).toContain('1 of 1 tests passed.');
    }

    const server = spawn('berth', ['serve'], { cwd: project, env: { ...env, PORT: '0' }, stdio: 'pipe' });
    let out = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const ended = new Promise((resolve) => server.once('close', resolve));
    const key = await eventually('the key', async () => /BERTH_API_KEY=(\S+)/.exec(out)?.[1]);
    const client = { BERTH_URL: /serves (\S+)/.exec(out)?.[1] ?? '', BERTH_API_KEY: key };
    for (const command of commands.slice(serve + 1)) {
      expect(await inProject(command, client)).toMatchObject({ stdout: expect.anything() });
    }
    expect((await inProject('berth runs', client)).stdout).toContain('succeeded');
    expect(await (await fetch(client.BERTH_URL)).text()).toContain('<html');
    expect((await fetch(`${client.BERTH_URL}/docs`)).status).toBe(200);
    server.kill('SIGTERM');
    expect(await ended).toBe(0);

    const { stdout: untracked } = await run('git', ['status', '--porcelain'], { cwd: project });
    expect(untracked).toBe('');
  });
});
