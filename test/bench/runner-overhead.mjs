/**
 * How much longer a run takes with the runner than with `git clone --depth 1 && sh -c command` by hand.
 *
 *   npm run build && node test/bench/runner-overhead.mjs [rounds]
 *
 * Both check out the same repository of some hundred files, over file://, and run `true`. The runner fetches its job
 * from a server on loopback and uploads its report and its result there. The two take turns, so that whatever else the
 * machine does hits both alike.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const rounds = Number(process.argv[2] ?? 30);
const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
const runner = resolve('runner-image/dist/runner.js');

function makeRepository() {
  const repository = join(directory, 'repository');
  for (let i = 0; i < 300; i += 1) {
    mkdirSync(join(repository, `src/part-${i % 20}`), { recursive: true });
    writeFileSync(
      join(repository, `src/part-${i % 20}/file-${i}.ts`),
      `export const value${i} = ${i};\n`.repeat(50),
    );
  }
  const git = (...args) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args]);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'all');
  return { url: pathToFileURL(repository).href, sha: git('rev-parse', 'HEAD').toString().trim() };
}

async function startServer(job) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () =>
      response.end(request.method === 'GET' ? JSON.stringify(job(server.address().port)) : ''),
    );
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function jobFor({ url, sha }) {
  return (port) => {
    const target = (name) => ({ url: `http://127.0.0.1:${port}/${name}`, maxBytes: 1e8 });
    return {
      version: 1,
      runId: 'bench',
      project: 'bench',
      suite: 'bench',
      source: { kind: 'git', url, branch: 'main', sha },
      command: 'true',
      limits: { timeoutSeconds: 60 },
      uploads: Object.fromEntries(
        ['result', 'report', 'tests', 'artifacts', 'progress'].map((name) => [name, target(name)]),
      ),
    };
  };
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];
const row = (name, values) =>
  console.log(
    `${name.padEnd(28)} median ${quantile(values, 0.5).toFixed(0).padStart(4)} ms   fastest ${quantile(values, 0).toFixed(0).padStart(4)} ms   p90 ${quantile(values, 0.9).toFixed(0).padStart(4)} ms`,
  );

const source = makeRepository();
const server = await startServer(jobFor(source));
const env = {
  PATH: process.env.PATH,
  HOME: directory,
  BERTH_JOB_URL: `http://127.0.0.1:${server.address().port}/job`,
};
const byHand = async (round) => {
  const target = join(directory, `clone-${round}`);
  await run('sh', [
    '-c',
    `git clone --quiet --depth 1 ${source.url} ${target} && cd ${target} && sh -c true`,
  ]);
};
const withRunner = async (round) => {
  const target = join(directory, `work-${round}`);
  await run(process.execPath, [runner], { env: { ...env, BERTH_WORK_DIR: target } });
};
const times = { byHand: [], withRunner: [], node: [] };
for (let round = 0; round < rounds; round += 1) {
  times.byHand.push(await timed(() => byHand(round)));
  times.withRunner.push(await timed(() => withRunner(round)));
  times.node.push(await timed(() => run(process.execPath, ['-e', '0'])));
}
server.close();
rmSync(directory, { recursive: true });

console.log(`${rounds} rounds, Node.js ${process.version}`);
row('git clone && sh -c true', times.byHand);
row('runner', times.withRunner);
row('(of it: starting Node.js)', times.node);
const difference = quantile(times.withRunner, 0.5) - quantile(times.byHand, 0.5);
console.log(`overhead of the runner       median ${difference.toFixed(0).padStart(4)} ms`);
