import { englishOnly } from './english-only.mjs';

/** How the functions of AWS are bundled; a benchmark bundles what it compares them with the same way. */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Of packages that come in both forms the ES modules: of those what is not used can be left out.
  mainFields: ['module', 'main'],
  plugins: [englishOnly],
  // Packages that are CommonJS still ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as berthRequire}from'node:module';const require=berthRequire(import.meta.url);",
  },
};
