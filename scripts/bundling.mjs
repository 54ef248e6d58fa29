import { englishOnly } from './english-only.mjs';

/** The bundler options of the AWS functions. A benchmark uses the same options for its comparison. */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Prefers ES modules, because unused exports can be removed from them.
  mainFields: ['module', 'main'],
  plugins: [englishOnly],
  // CommonJS packages still load Node's modules with `require`.
  banner: {
    js: "import{createRequire as berthRequire}from'node:module';const require=berthRequire(import.meta.url);",
  },
};
