import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');

const section = (text, pages) => ({ text, items: pages.map(([title, link]) => ({ text: title, link })) });

const decisions = readdirSync(join(root, 'docs/decisions'))
  .filter((name) => /^\d/.test(name))
  .sort()
  .map((name) => [
    name.replace(/-/g, ' ').replace(/\.md$/, ''),
    `/docs/decisions/${name.replace(/\.md$/, '')}`,
  ]);

/** The pages of the repository as a site: `npm run docs:site` builds it in `.cache/docs-site`. */
export default defineConfig({
  title: 'Berth',
  description: 'Every branch gets its own test stack.',
  srcDir: 'pages',
  outDir: join(root, '.cache/docs-site'),
  cacheDir: join(root, '.cache/vitepress'),
  markdown: {
    config(md) {
      // Expressions of GitHub Actions are not interpolations of Vue.
      md.renderer.rules.code_inline = (tokens, index) =>
        `<code v-pre>${md.utils.escapeHtml(tokens[index].content)}</code>`;
      // A placeholder such as <name> is text, as on GitHub.
      md.renderer.rules.html_inline = (tokens, index) => {
        const { content } = tokens[index];
        return /^<\/?(picture|source|img|br)\b/.test(content) ? content : md.utils.escapeHtml(content);
      };
    },
  },
  themeConfig: {
    nav: [
      { text: 'Documentation', link: '/docs/' },
      { text: 'Changelog', link: '/CHANGELOG' },
    ],
    search: { provider: 'local' },
    outline: 'deep',
    sidebar: [
      section('Get started', [
        ['Overview', '/docs/'],
        ['Installation', '/docs/installation'],
        ['GitHub App', '/docs/github-app'],
        ['berth.yml by example', '/docs/berth-yml'],
        ['Action', '/docs/action'],
        ['Coming from another system', '/docs/coming-from'],
      ]),
      section('Use', [
        ['Debug a failed run', '/docs/debugging'],
        ['Troubleshooting', '/docs/troubleshooting'],
        ['Comment commands', '/docs/commands'],
        ['Command line', '/docs/cli'],
        ['Dashboard', '/docs/dashboard'],
        ['Secrets', '/docs/secrets'],
        ['AWS roles', '/docs/deploy-roles'],
        ['Private registries', '/docs/private-registries'],
        ['FAQ', '/docs/faq'],
      ]),
      section('Operate', [
        ['Notifications', '/docs/notifications'],
        ['Operations', '/docs/operations'],
        ['Security', '/docs/security'],
        ['Limits', '/docs/limits'],
        ['Reliability', '/docs/reliability'],
        ['Cost', '/docs/cost'],
        ['Terraform modules', '/terraform/README'],
      ]),
      section('Reference', [
        ['Settings', '/docs/settings'],
        ['Configuration', '/docs/configuration'],
        ['Configuration on AWS', '/docs/configuration-aws'],
        ['AWS fidelity', '/docs/aws-fidelity'],
        ['REST API', '/docs/api'],
        ['Runner image', '/docs/runner-image'],
        ['Runner', '/runner-image/README'],
      ]),
      section('Develop', [
        ['Contributing', '/CONTRIBUTING'],
        ['Data model', '/docs/data-model'],
        ['Benchmarks', '/docs/benchmarks'],
        ['Dependencies', '/docs/dependencies'],
      ]),
      { ...section('Decisions', decisions), collapsed: true },
    ],
  },
  buildEnd({ outDir }) {
    writeFileSync(join(outDir, 'index.html'), '<meta http-equiv="refresh" content="0; url=docs/">\n');
  },
});
