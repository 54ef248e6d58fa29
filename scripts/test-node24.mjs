/** Runs `npm test` on Node 24, which it downloads from npm. Arguments go to jest. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node-24.mjs';

const node = node24();
// Tests also start `node` by name.
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit', env };
console.log(`Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
const { status } = spawnSync('npm', ['test', '--', ...process.argv.slice(2)], options);
process.exitCode = status ?? 1;
