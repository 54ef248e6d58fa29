import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { buildDashboard } from './build-dashboard.mjs';
import { unusedParts } from './unused-parts.mjs';

/**
 * A single-file bundle that runs with plain `node` next to a package.json of any `type`: it is valid as an ES module and
 * as CommonJS. It contains no `import`, and `process.getBuiltinModule` (Node 20.16) replaces `require`.
 */
const singleFile = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'iife',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  banner: { js: '#!/usr/bin/env node\nvar require=process.getBuiltinModule;' },
  logLevel: 'warning',
};

/** Adds the hash that the page's content security policy allows. */
function withHash(text) {
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}

/** Builds the style and the script that the runner writes into each report. */
async function reportPage() {
  const directory = 'runner-image/src/report/page';
  const [script, style] = await Promise.all([
    build({
      entryPoints: [`${directory}/page.ts`],
      bundle: true,
      write: false,
      minify: true,
      charset: 'utf8',
      format: 'iife',
      target: 'es2022',
      tsconfig: `${directory}/tsconfig.json`,
    }),
    readFile(`${directory}/page.css`, 'utf8').then((css) => transform(css, { loader: 'css', minify: true })),
  ]);
  return { css: withHash(style.code.trim()), script: withHash(script.outputFiles[0].text.trim()) };
}

/** An entry of the server, whose dependencies are installed separately. */
const nodeProgram = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
};

const entries = [
  {
    ...singleFile,
    entryPoints: ['runner-image/src/main.ts'],
    outfile: 'runner-image/dist/runner.js',
    plugins: [unusedParts],
    define: {
      berthReportPage: JSON.stringify(await reportPage()),
      // fdir creates a `require` from it, for a module that is not needed here.
      'import.meta.url': JSON.stringify('file:///runner.js'),
    },
  },
  {
    ...nodeProgram,
    entryPoints: { berth: 'app/wiring/berth.ts', 'berth-end-own-server': 'app/wiring/end-own-server.ts' },
    outdir: 'dist',
    // Loads server code only when a server starts, so other commands start faster.
    splitting: true,
    // Chunks of several commands need distinct names.
    chunkNames: 'berth-[name]-[hash]',
    metafile: true,
    banner: { js: '#!/usr/bin/env node' },
  },
  { ...nodeProgram, entryPoints: ['scripts/demo/main.ts'], outfile: '.cache/demo.mjs' },
];

const [, ...built] = await Promise.all([buildDashboard(), ...entries.map((entry) => build(entry))]);
const pieces = new Set(built.flatMap(({ metafile }) => Object.keys(metafile?.outputs ?? {})));
for (const file of await readdir('dist')) {
  // Left by an earlier build.
  if (/^berth-.*\.js$/.test(file) && !pieces.has(`dist/${file}`)) await rm(`dist/${file}`);
}
await chmod('dist/berth.js', 0o755);
