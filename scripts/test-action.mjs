/**
 * Runs the committed bundle of the action like GitHub, with Node 24 against an embedded Berth, and the example workflows
 * with nektos/act. Checks all workflows with actionlint. Downloads what it needs from npm and the Go module proxy once. Arguments go to jest: `npm run test:action -- test/system/action/oidc.test.ts`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node-24.mjs';
import { runJest } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, '.cache', 'action-tools');
// Pinned for reproducible results.
const goTools = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  act: 'github.com/nektos/act@v0.2.89',
};

function installGoTool(name) {
  const program = join(tools, 'bin', name);
  if (!existsSync(program)) {
    console.log(`building ${goTools[name]}`);
    const env = { ...process.env, GOBIN: join(tools, 'bin') };
    execFileSync('go', ['install', goTools[name]], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
  return program;
}

function workflows() {
  return ['docs/examples', '.github/workflows'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.yml'))
      .map((name) => join(folder, name)),
  );
}

function run(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

mkdirSync(tools, { recursive: true });
const node = node24();
const lint = run(installGoTool('actionlint'), workflows());
console.log(lint ? `actionlint: ${workflows().length} workflows are right.` : 'actionlint: see above.');
execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
const code = await runJest('action', ['--runInBand', ...process.argv.slice(2)], {
  BERTH_TEST_NODE24: node,
  BERTH_TEST_ACT: installGoTool('act'),
});
process.exitCode = lint && code === 0 ? 0 : 1;
