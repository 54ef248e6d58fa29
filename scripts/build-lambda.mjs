/**
 * Bundles the functions that run Berth on AWS into dist/lambda, and into dist/lambda.zip, which the Terraform module
 * takes: `http.handler`, `queue.handler`, `schedule.handler` and `invoke.handler`, with what they share in chunks, and
 * the dashboard. The sizes go to the standard output.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildDashboard } from './build-dashboard.mjs';
import { zip } from './zip.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const outdir = 'dist/lambda';

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['http', 'queue', 'schedule', 'invoke'].map((name) => `app/lambda/${name}.ts`),
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { berthVersion: JSON.stringify(version) },
  // Packages that are CommonJS still ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as berthRequire}from'node:module';const require=berthRequire(import.meta.url);",
  },
});

await buildDashboard(join(outdir, 'dashboard'));

for (const [path, { bytes, imports }] of Object.entries(metafile.outputs)) {
  if (!path.endsWith('.mjs') || path.includes('chunk-')) continue;
  const chunks = imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true);
  const shared = chunks.reduce((sum, chunk) => sum + (metafile.outputs[chunk.path]?.bytes ?? 0), 0);
  console.log(`${path}: ${kib(bytes)} and ${kib(shared)} of shared chunks`);
}
const all = Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
const packed = zip(filesOf(outdir).map((name) => ({ name, bytes: readFileSync(join(outdir, name)) })));
writeFileSync(`${outdir}.zip`, packed);
console.log(`all: ${kib(all)}, ${kib(packed.length)} as ${outdir}.zip`);

function filesOf(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1)).sort();
}

function kib(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}
