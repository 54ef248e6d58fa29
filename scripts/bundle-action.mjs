import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ncc from '@vercel/ncc';

/**
 * Makes `action/dist`, which GitHub runs, from `action/*.ts`: `npm run bundle`. With `--check`, fails if the committed
 * files differ: `npm run bundle:check`. The bundle is not minified, so that a reviewer can read what an update changes.
 *
 * `berth.js` has all code. `index.js` and `post.js` are the entries of the main step and of the post step: neither can
 * take itself for the other.
 */
const committed = 'action/dist';
const compiled = '.cache/action';
const maxBytes = 1_400_000;

rmSync(compiled, { recursive: true, force: true });
// TypeScript first: ncc's own compiler does not support TypeScript 7.
execFileSync('npx', ['tsc', '-p', 'action'], { stdio: 'inherit' });
const { code } = await ncc(join(process.cwd(), compiled, 'action/index.js'), { cache: false, quiet: true });
const files = {
  'berth.js': code,
  'index.js': "import { runMain } from './berth.js';\n\nawait runMain();\n",
  'post.js': "import { runPost } from './berth.js';\n\nawait runPost();\n",
  // Without it Node takes the files for CommonJS.
  'package.json': `${JSON.stringify({ type: 'module' }, null, 2)}\n`,
};
const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
if (bytes > maxBytes) throw new Error(`${committed} has ${bytes} bytes; the limit is ${maxBytes}.`);

if (process.argv.includes('--check')) check();
else write();

function write() {
  rmSync(committed, { recursive: true, force: true });
  mkdirSync(committed, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(committed, name), text);
  console.log(`${committed}: ${bytes} bytes`);
}

function check() {
  const found = readdirSync(committed).sort().join(', ');
  const stale = Object.entries(files).filter(([name, text]) => read(join(committed, name)) !== text);
  if (stale.length === 0 && found === Object.keys(files).sort().join(', ')) {
    console.log(`${committed} is up to date: ${bytes} bytes.`);
    return;
  }
  console.error(
    `${committed} is out of date (${stale.map(([name]) => name).join(', ') || found}). Run "npm run bundle" and commit the result.`,
  );
  process.exitCode = 1;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
