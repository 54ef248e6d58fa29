import { build } from 'esbuild';

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

const entries = [
  { ...singleFile, entryPoints: ['runner-image/src/main.ts'], outfile: 'runner-image/dist/runner.js' },
];

await Promise.all(entries.map((entry) => build(entry)));
