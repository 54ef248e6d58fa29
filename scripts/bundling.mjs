import { unusedParts } from './unused-parts.mjs';

/** The bundler options of the AWS functions. A benchmark uses the same options for its comparison. */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  // Names stay, for stack traces and logs. Shorter ones, with calls that restore the names, start more slowly.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Prefers ES modules, because unused exports can be removed from them.
  mainFields: ['module', 'main'],
  plugins: [unusedParts],
  // CommonJS packages still load Node's modules with `require`.
  banner: {
    js: "import{createRequire as berthRequire}from'node:module';const require=berthRequire(import.meta.url);",
  },
};
