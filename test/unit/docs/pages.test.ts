import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readSettings } from '../../../app/core/settings/settings.ts';
import { withDecisions } from '../../../scripts/decision-list.ts';
import { siteLink } from '../../../scripts/docs-site/site-link.ts';

const pages = [
  ...readdirSync('.'),
  ...['docs', 'terraform', 'runner-image', 'server-image'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
]
  .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|\.terraform)\//.test(path))
  .sort();

/** Returns the text of a page without its code. */
const proseOf = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^( *)```[\s\S]*?^\1```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));

interface Link {
  readonly link: string;
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Returns the links and pictures of a page that lead into the repository. */
function linksOf(page: string): Link[] {
  const text = proseOf(page);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/(?:src|srcset)="([^"]+)"/g)];
  return targets
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      return { link, file: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}

/** Returns the anchors that GitHub and VitePress give to the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

const isBroken = ({ file, anchor }: Link): boolean => {
  if (!existsSync(file)) return true;
  return anchor !== undefined && statSync(file).isFile() && !anchorsOf(file).includes(anchor);
};

describe('the pages of the documentation', () => {
  it.each(pages)('%s has no broken link', (page) => {
    const broken = linksOf(page).filter(isBroken);
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  it('are all reachable from docs/index.md', () => {
    const reached = new Set(['docs/index.md']);
    for (const page of reached) {
      for (const { file } of linksOf(page)) if (pages.includes(file)) reached.add(file);
    }
    const expected = pages.filter((page) => page.startsWith('docs/'));
    expect(expected.filter((page) => !reached.has(page))).toEqual([]);
  });

  it('list every decision in docs/decisions/index.md (npm run docs:decisions)', () => {
    const index = readFileSync('docs/decisions/index.md', 'utf8');
    expect(index).toBe(withDecisions(index));
  });
});

describe('a link on the documentation site', () => {
  const files = new Set(pages);
  it.each([
    ['../README.md#license', '../README.md#license'],
    ['#laptop', '#laptop'],
    ['https://example.com/', 'https://example.com/'],
    ['../terraform/modules/storage', '../terraform/modules/storage/README.md'],
    ['decisions/', 'decisions/index.md'],
    ['examples/run-tests.yml', 'https://github.com/berth/berth/blob/main/docs/examples/run-tests.yml'],
    ['../LICENSE', 'https://github.com/berth/berth/blob/main/LICENSE'],
    ['examples', 'https://github.com/berth/berth/tree/main/docs/examples'],
  ])('%s leads to %s', (link, expected) => {
    expect(siteLink('docs/faq.md', link, files)).toBe(expected);
  });

  it('leads to a page, a picture, or an address, on every page', () => {
    const onSite = pages.flatMap((page) =>
      linksOf(page).map(({ link }) => ({ page, link: siteLink(page, link, files) })),
    );
    const lost = onSite.filter(({ page, link }) => {
      const target = normalize(join(dirname(page), link.split('#')[0] ?? ''));
      return !/^(https:|#)/.test(link) && !files.has(target) && !target.startsWith('docs/images/');
    });
    expect(lost).toEqual([]);
  });
});

describe('the shape of a page', () => {
  const headingsOf = (page: string): string[] =>
    [...readFileSync(page, 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);

  it('ends with its troubleshooting, before what concerns only developers of Berth', () => {
    const late = pages.flatMap((page) => {
      const headings = headingsOf(page).filter((heading) => heading !== 'Development');
      const index = headings.indexOf('Troubleshooting');
      return index === -1 || index === headings.length - 1 ? [] : [page];
    });
    expect(late).toEqual([]);
  });

  it('begins with a title and says what it is about before its first heading', () => {
    const bare = pages.filter((page) => !/^# .+\n\n(?!#)\S/.test(readFileSync(page, 'utf8')));
    expect(bare).toEqual([]);
  });
});

describe('the sidebar of the documentation site', () => {
  it('lists the pages of the index, and no page that does not exist', () => {
    const config = readFileSync('scripts/docs-site/.vitepress/config.mjs', 'utf8');
    const listed = [...config.matchAll(/'\/([\w/-]+)'/g)].map(([, name = '']) =>
      name.replace(/\/$/, '/index'),
    );
    expect(listed.length).toBeGreaterThan(20);
    expect(listed.filter((name) => !pages.includes(`${name}.md`))).toEqual([]);

    const inIndex = linksOf('docs/index.md').map(({ file }) => file.replace(/\.md$/, ''));
    const missing = inIndex.filter((name) => name !== 'README' && !listed.includes(name));
    // The decisions are read from their folder.
    expect(missing).toEqual(['docs/decisions/index']);
  });
});

/** Questions of a new contributor, and what the file of the answer contains. */
const answers = [
  ['retried when Fargate has no capacity', /no_capacity|RunTask/],
  ['a fork refused', /not_approved/],
  ['secrets masked in the log', /createSecretMasker/],
  ['Add an executor', /\.enum\(\['auto', 'process'/],
  ['Add a comment command', /CommentCommand =/],
  ['Add a configuration variable', /environmentSchema = /],
  ['title of a check', /checkHeadline\(/],
  ['leases expire', /leaseUntil/],
  ['Change an item', /currentVersion\(/],
  ['duplicate deliveries', /acceptDelivery\(/],
  ['limit on parallel tasks', /acquireSlot\(/],
  ['orphaned tasks', /stopOrphans\(/],
  ['signature of a webhook', /verif/],
  ['Handle a GitHub event', /app\.on\('push'/],
  ['created again after a crash', /checks\.create\(/],
  ['after a crash or a lost event', /function createSweep\(/],
  ['URL of a repository', /function whyNotHost\(/],
  ['order of the queue', /function compareTickets\(/],
  ['nothing changed', /function reuseDeploy\(/],
  ['budget stop new runs', /budget_exceeded/],
  ['only the failed tests', /function planRerun\(/],
  ['exceeds its time', /function exceededLimit\(/],
  ['live log', /function\* followLog\(/],
  ['Add a REST route', /addExecuteRoute\(api\)/],
  ['Add a CLI command', /addServe,/],
  ['Add a page', /<Route path="\/trends"/],
  ['another format of result files', /createTapReader\(\)/],
  ['another test tool', /ToolFormat/],
  ['Add a cache preset', /gradle: \{/],
  ['receiver of notifications', /slackMessages\(/],
  ['Add an error code', /errorCodes = /],
] as const;

describe('CONTRIBUTING.md', () => {
  it.each(answers)('says where the code is: %s', (question, contents) => {
    const row = readFileSync('CONTRIBUTING.md', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('|') && line.includes(question));
    const files = [...(row ?? '').matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, name = '']) => name);
    expect(files.filter((file) => contents.test(readFileSync(file, 'utf8')))).not.toEqual([]);
  });

  it('names only files and scripts that exist', () => {
    const text = readFileSync('CONTRIBUTING.md', 'utf8');
    const tables = text.split('\n').filter((line) => line.startsWith('|'));
    const code = tables.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    const files = code.filter((name) => /^(?!\.github)[\w.-]+\/[\w./-]*$/.test(name));
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);

    const { scripts } = packageSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const commands = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) });

const examples = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^( *)```yaml\n([\s\S]*?)^\1```$/gm)]
    .map(([, indent = '', text = '']) => text.replace(new RegExp(`^${indent}`, 'gm'), ''))
    .filter((text) => /^(suites|deploy|teardown|stack|defaults):/m.test(text))
    .map((text, index) => ({ name: `${page}, example ${index + 1}`, text })),
);

describe('the examples of .github/berth.yml', () => {
  it('are on the page that explains them', () => {
    expect(examples.filter(({ name }) => name.startsWith('docs/berth-yml.md')).length).toBeGreaterThan(5);
  });

  it.each(examples)('$name is valid', ({ text }) => {
    expect(readSettings(text)).toMatchObject({ ok: true });
  });
});
