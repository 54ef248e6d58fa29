/**
 * Measures the size of the action's bundle and its start time, compared with a bare action: @actions/core and
 * @actions/github bundled by ncc, and nothing done with them. `node test/bench/action-weight.mjs`, which
 * fetches Node 24 and the bare action's packages from npm.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ncc from '@vercel/ncc';
import { node24 } from '../../scripts/node-24.mjs';

const rounds = 30;
const directory = join(process.cwd(), '.cache', 'bare-action');
const node = node24();

async function bareAction() {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const packages = ['@actions/core@3.0.1', '@actions/github@9.1.1'];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], {
    cwd: directory,
    stdio: 'ignore',
  });
  writeFileSync(
    join(directory, 'index.js'),
    "import * as core from '@actions/core';\nimport * as github from '@actions/github';\ncore.debug(github.context.sha ?? '');\n",
  );
  const { code } = await ncc(join(directory, 'index.js'), { cache: false, quiet: true });
  mkdirSync(join(directory, 'dist'), { recursive: true });
  writeFileSync(join(directory, 'dist', 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'dist', 'index.js'), code);
  return join(directory, 'dist', 'index.js');
}

/** Returns the run time of a process in milliseconds. */
function time(file) {
  const begun = process.hrtime.bigint();
  // The post step of a step that left nothing behind: everything is loaded, and nothing is to be done.
  execFileSync(node, [file], { env: { STATE_isPost: 'true' }, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'empty.mjs'), '');
const files = {
  'node only': join(directory, 'empty.mjs'),
  'the bare action': await bareAction(),
  "Berth's action": join(process.cwd(), 'action/dist/index.js'),
};
const times = Object.fromEntries(Object.keys(files).map((name) => [name, []]));
// In turn, so that whatever else the machine does is shared among them.
for (let round = 0; round < rounds; round += 1) {
  for (const [name, file] of Object.entries(files)) times[name].push(time(file));
}

console.log(`${execFileSync(node, ['--version']).toString().trim()}, ${rounds} starts each, in turn\n`);
console.log('| | size (KB) | start, median (ms) | fastest (ms) |\n|---|---|---|---|');
for (const [name, file] of Object.entries(files)) {
  const size = (statSync(file).size / 1000).toFixed(0);
  const fastest = Math.min(...times[name]).toFixed(0);
  console.log(`| ${name} | ${size} | ${median(times[name]).toFixed(0)} | ${fastest} |`);
}
