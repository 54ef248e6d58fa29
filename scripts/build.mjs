import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { buildDashboard } from './build-dashboard.mjs';
import { englishOnly } from './english-only.mjs';

/**
 * A bundle that is one file and runs with plain `node`, beside a package.json of any `type` or none: the text is valid
 * as an ES module and as CommonJS. It holds no `import`, and `process.getBuiltinModule` (Node 20.16) stands in for
 * `require`.
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

/** With the hash by which the page's policy allows it. */
function withHash(text) {
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}

/** The style and the script of the report's page, which the runner writes into each report. */
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

/** An entry of the server: its dependencies are installed beside it. */
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
    plugins: [englishOnly],
    define: {
      berthReportPage: JSON.stringify(await reportPage()),
      // fdir makes a `require` from it, to look for a module that is not needed here.
      'import.meta.url': JSON.stringify('file:///runner.js'),
    },
  },
  {
    ...nodeProgram,
    entryPoints: { berth: 'app/wiring/berth.ts' },
    outdir: 'dist',
    // What only a server needs is loaded when one starts: the other commands answer sooner.
    splitting: true,
    // Several commands load what others do not: the names of the pieces have to differ.
    chunkNames: 'berth-[name]-[hash]',
    metafile: true,
    banner: { js: '#!/usr/bin/env node' },
  },
  { ...nodeProgram, entryPoints: ['scripts/demo/main.ts'], outfile: '.cache/demo.mjs' },
];

const [, ...built] = await Promise.all([buildDashboard(), ...entries.map((entry) => build(entry))]);
const pieces = new Set(built.flatMap(({ metafile }) => Object.keys(metafile?.outputs ?? {})));
for (const file of await readdir('dist')) {
  // Of an earlier build.
  if (/^berth-.*\.js$/.test(file) && !pieces.has(`dist/${file}`)) await rm(`dist/${file}`);
}
await chmod('dist/berth.js', 0o755);
