/** Runs the property tests with many more cases than `npm test`: `BERTH_CASES` times, 8 by default. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['grep', '-l', 'helpers/cases.ts', '--', 'test/unit'], {
  cwd,
  encoding: 'utf8',
});
const env = { BERTH_CASES: '8', ...process.env };
const given = process.argv.slice(2);
const args = ['test', '--', ...(given.length > 0 ? given : files.trim().split('\n'))];
const { status } = spawnSync('npm', args, { cwd, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
