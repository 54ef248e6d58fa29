import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Workflow } from '../../app/client/api-types.ts';
import { gitRepository } from '../helpers/git-repository.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';

/**
 * Measures what a cache costs and saves: the setup of a suite without and with its cache, on an embedded server, next to
 * the same work by hand (install, `tar` and `gzip -1` of the same directory). They take turns. Needs npm, pip and go, and
 * downloads from their registries.
 *
 * `npm run bench:suite-caches`, or `-- 3 npm,go` for three rounds of these tools.
 */
const [rounds = '3', names = 'npm,pip,go'] = process.argv.slice(2);
const run = promisify(execFile);

interface Tool {
  readonly preset: 'npm' | 'pip' | 'go';
  /** Relative to the home directory. */
  readonly paths: string;
  readonly files: Readonly<Record<string, string>>;
  /** Writes the lock file. */
  readonly lock?: string;
  readonly lockFile?: string;
  readonly setup: string;
}

const tools: readonly Tool[] = [
  {
    preset: 'npm',
    paths: '.npm',
    files: {
      'package.json': JSON.stringify({
        name: 'bench',
        dependencies: { eslint: '9.39.1', jest: '30.2.0', webpack: '5.103.0' },
      }),
    },
    lock: 'npm install --package-lock-only --ignore-scripts --no-audit --no-fund',
    lockFile: 'package-lock.json',
    setup: 'npm ci --ignore-scripts --no-audit --no-fund',
  },
  {
    preset: 'pip',
    paths: '.cache/pip',
    files: {
      'requirements.txt': '--no-binary markupsafe,pyyaml\nmarkupsafe==3.0.3\npyyaml==6.0.3\n',
    },
    setup: 'python3 -m venv .venv && .venv/bin/pip install --quiet -r requirements.txt',
  },
  {
    preset: 'go',
    paths: 'go/pkg/mod .cache/go-build',
    files: {
      'go.mod': 'module example.com/bench\n\ngo 1.21\n\nrequire github.com/spf13/cobra v1.8.1\n',
      'bench.go':
        'package bench\n\nimport "github.com/spf13/cobra"\n\nfunc Root() *cobra.Command { return &cobra.Command{} }\n',
    },
    lock: 'go mod tidy',
    lockFile: 'go.sum',
    setup: 'go build ./...',
  },
];

interface Times {
  readonly cold: number;
  readonly save: number;
  readonly restore: number;
  readonly warm: number;
}

async function byHand(tool: Tool, url: string, directory: string): Promise<Times> {
  const archive = join(directory, 'cache.tar.gz');
  const inHome = async (name: string, prepare: string) => {
    const home = join(directory, name);
    await mkdir(home);
    const sh = (command: string, cwd: string) =>
      seconds(() =>
        run('sh', ['-c', command], { cwd, env: { PATH: process.env.PATH, HOME: home }, maxBuffer: 1e8 }),
      );
    await run('git', ['clone', '--quiet', '--depth', '1', url, join(home, 'checkout')]);
    const prepared = prepare === '' ? 0 : await sh(prepare, home);
    const setup = await sh(tool.setup, join(home, 'checkout'));
    return { prepared, setup, sh, home };
  };
  const cold = await inHome('cold', '');
  const save = await cold.sh(`tar -cf - ${tool.paths} | gzip -1 > ${archive}`, cold.home);
  const warm = await inHome('warm', `tar -xzf ${archive}`);
  await run('chmod', ['-R', 'u+w', directory]);
  return { cold: cold.setup, save, restore: warm.prepared, warm: warm.setup };
}

async function withBerth(tool: Tool, url: string, directory: string): Promise<Times & { bytes: number }> {
  const server = await startServer(join(directory, 'data'), { BERTH_LOG_LEVEL: 'warn' });
  try {
    const cold = await finished(server, tool, url);
    const warm = await finished(server, tool, url);
    const [saved] = cold.caches;
    const [restored] = warm.caches;
    if (saved === undefined || restored?.outcome !== 'hit')
      throw new Error(JSON.stringify([saved, restored]));
    return {
      cold: setupSeconds(cold),
      save: saved.save_seconds ?? 0,
      restore: restored.restore_seconds ?? 0,
      warm: setupSeconds(warm),
      bytes: saved.saved_bytes ?? 0,
    };
  } finally {
    await server.stop();
  }
}

async function finished(server: ServerProcess, { preset, setup }: Tool, url: string): Promise<Workflow> {
  const asked = { repo_url: url, branch: 'main', setup, test_command: 'true', stack: false, cache: preset };
  const { body: started } = await server.call('POST', '/workflow/execute', asked);
  for (;;) {
    const { body } = await server.call('GET', `/workflow/${String(started.workflow_id)}`);
    // The schema of the server describes the answer.
    const workflow = body as unknown as Workflow;
    if (workflow.state === 'succeeded') return workflow;
    if (workflow.conclusion !== null) throw new Error(`${workflow.summary}\n${workflow.log_tail.join('\n')}`);
    await delay(250);
  }
}

function setupSeconds({ phases }: Workflow): number {
  const setup = phases.find(({ name }) => name === 'setup');
  return (Date.parse(setup?.finished_at ?? '') - Date.parse(setup?.started_at ?? '')) / 1000;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): string {
  return ([...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0).toFixed(1);
}

console.log('| tool | | setup, cold | save | restore | setup, warm | warm in all | archive |');
console.log('|---|---|---:|---:|---:|---:|---:|---:|');
for (const tool of tools.filter(({ preset }) => names.split(',').includes(preset))) {
  const directory = join(tmpdir(), `berth-bench-${process.pid}`);
  const source = join(directory, 'repository');
  await gitRepository(source, tool.files);
  if (tool.lock !== undefined) await run('sh', ['-c', tool.lock], { cwd: source, maxBuffer: 1e8 });
  const locked =
    tool.lockFile === undefined
      ? {}
      : { [tool.lockFile]: await readFile(join(source, tool.lockFile), 'utf8') };
  const manifest = tool.preset === 'go' ? { 'go.mod': await readFile(join(source, 'go.mod'), 'utf8') } : {};
  const { url } = await gitRepository(join(directory, 'locked'), { ...tool.files, ...manifest, ...locked });
  const hand: Times[] = [];
  const berth: (Times & { bytes: number })[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    const place = join(directory, `round-${round}`);
    await mkdir(place);
    hand.push(await byHand(tool, url, place));
    berth.push(await withBerth(tool, url, place));
    await rm(place, { recursive: true, force: true });
  }
  await rm(directory, { recursive: true, force: true });
  const row = (label: string, times: readonly Times[], size: string) =>
    console.log(
      `| ${tool.preset} | ${label} | ${(['cold', 'save', 'restore', 'warm'] as const).map((step) => `${median(times.map((one) => one[step]))} s`).join(' | ')} | ${median(times.map(({ restore, warm }) => restore + warm))} s | ${size} |`,
    );
  row('by hand', hand, '');
  row('Berth', berth, `${median(berth.map(({ bytes }) => bytes / 1024 / 1024))} MiB`);
}
