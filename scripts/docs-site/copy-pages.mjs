import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the Markdown files and pictures of the repository to `pages/`. VitePress compiles pages to modules, which find
 * `node_modules` only from there.
 */
const here = new URL('.', import.meta.url).pathname;
const root = join(here, '../..');
const patterns = [
  '*.md',
  'docs/**/*.md',
  'docs/images/*',
  'runner-image/*.md',
  'server-image/*.md',
  'terraform/**/*.md',
];
const files = execFileSync('git', ['ls-files', '--', ...patterns.map((pattern) => `:(glob)${pattern}`)], {
  cwd: root,
  encoding: 'utf8',
});

rmSync(join(here, 'pages'), { recursive: true, force: true });
for (const file of files.split('\n')) {
  if (file !== '') cpSync(join(root, file), join(here, 'pages', file));
}
