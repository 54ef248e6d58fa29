/** Parts of packages that Berth never runs, but each start of a function would load: a path, and what replaces it. */
const parts = [
  // Messages in other languages, which are more than half of zod.
  ['zod/v4/locales/index.js', "export { default as en } from './en.js';"],
  // Probot's own server, setup, logger, and configuration files.
  [
    'probot/lib/exports.js',
    "export { createProbot } from './create-probot.js'; export { ProbotOctokit } from './octokit/probot-octokit.js';",
  ],
  [
    'probot/lib/server/server.js',
    "export const defaultWebhookPath = '/api/github/webhooks', defaultWebhookSecret = 'development';",
  ],
  [
    'probot/lib/helpers/get-log.js',
    "export const getLog = () => { throw new Error('Pass a logger: the one of Probot is left out'); };",
  ],
  ['@probot/octokit-plugin-config/dist-src/index.js', 'export const config = () => ({});'],
  // Waits of Octokit, which Berth turns off: docs/decisions/0004-github-rate-limits.md
  [
    'probot/lib/octokit/get-octokit-throttle-options.js',
    'export const getOctokitThrottleOptions = async () => {};',
  ],
  ['@octokit/plugin-throttling/dist-bundle/index.js', 'export const throttling = () => ({});'],
];

/** Leaves out what Berth never runs. An import of something that was left out fails the build. */
export const unusedParts = {
  name: 'unused-parts',
  setup({ onLoad }) {
    for (const [path, contents] of parts) {
      onLoad({ filter: new RegExp(`/node_modules/${path.replaceAll('.', '\\.')}$`) }, () => ({ contents }));
    }
  },
};
