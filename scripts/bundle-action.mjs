import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ncc from '@vercel/ncc';

/**
 * Makes `action/dist`, the one file that GitHub runs, from `action/*.ts`: `npm run bundle`.
 *
 * With `--check`, compares instead of writing, and fails where the committed bundle is not what the source makes:
 * `npm run bundle:check`. The bundle is not minified, so that a reviewer can read what an update changes.
 */
const committed = 'action/dist';
const compiled = '.cache/action';

rmSync(compiled, { recursive: true, force: true });
// TypeScript first: ncc's own compiler does not know TypeScript 7.
execFileSync('npx', ['tsc', '-p', 'action'], { stdio: 'inherit' });
const { code } = await ncc(join(process.cwd(), compiled, 'action/index.js'), { cache: false, quiet: true });
const files = {
  'index.js': code,
  // Node would take the bundle for CommonJS otherwise.
  'package.json': `${JSON.stringify({ type: 'module' }, null, 2)}\n`,
};

if (process.argv.includes('--check')) check();
else write();

function write() {
  rmSync(committed, { recursive: true, force: true });
  mkdirSync(committed, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(committed, name), text);
  console.log(`${committed}: ${Math.round(code.length / 1024)} KiB`);
}

function check() {
  const found = readdirSync(committed).sort().join(', ');
  const stale = Object.entries(files).filter(([name, text]) => read(join(committed, name)) !== text);
  if (stale.length === 0 && found === Object.keys(files).sort().join(', ')) {
    console.log(`${committed} is what the source makes.`);
    return;
  }
  console.error(
    `${committed} is not what the source makes (${stale.map(([name]) => name).join(', ') || found}). Run "npm run bundle" and commit the result.`,
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
