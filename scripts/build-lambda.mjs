/**
 * Bundles the AWS functions into dist/lambda and into dist/lambda.zip, which the Terraform module deploys:
 * `http.handler`, `queue.handler`, `schedule.handler`, and `invoke.handler`, with shared chunks and the dashboard. Prints
 * the sizes. `node scripts/build-lambda.mjs [directory]`
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildDashboard } from './build-dashboard.mjs';
import { bundling } from './bundling.mjs';
import { zip } from './zip.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const [, , outdir = 'dist/lambda'] = process.argv;

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  ...bundling,
  entryPoints: ['http', 'queue', 'schedule', 'invoke'].map((name) => `app/lambda/${name}.ts`),
  outdir,
  splitting: true,
  outExtension: { '.js': '.mjs' },
  metafile: true,
  define: { berthVersion: JSON.stringify(version) },
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
