import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withSiteLinks } from './site-link.ts';

/**
 * Copies the Markdown files and pictures of the repository to `pages/`. VitePress compiles pages to modules, which find
 * `node_modules` only from there. `npm run docs:site` runs this at the root of the repository.
 */
const copies = 'scripts/docs-site/pages';
const patterns = [
  '*.md',
  'docs/**/*.md',
  'docs/images/*',
  'runner-image/*.md',
  'server-image/*.md',
  'terraform/**/*.md',
];
const listed = execFileSync('git', ['ls-files', '--', ...patterns.map((pattern) => `:(glob)${pattern}`)], {
  encoding: 'utf8',
});
const files = new Set(listed.split('\n').filter((file) => file !== ''));

rmSync(copies, { recursive: true, force: true });
for (const file of files) {
  const copy = join(copies, file);
  mkdirSync(dirname(copy), { recursive: true });
  if (file.endsWith('.md')) writeFileSync(copy, withSiteLinks(file, readFileSync(file, 'utf8'), files));
  else cpSync(file, copy);
}
