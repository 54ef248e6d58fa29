import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const repository = 'https://github.com/berth/berth';

/**
 * Turns a link of a page into one that works on the site, which has only pages and pictures.
 *
 * @param page path of the page in the repository.
 * @param link as written; relative to the page.
 * @param files paths of the files that the site has.
 * @returns the link, the page that describes a folder, or an address in the repository on GitHub.
 */
export function siteLink(page: string, link: string, files: ReadonlySet<string>): string {
  if (/^[a-z]+:/.test(link) || link.startsWith('#')) return link;
  const [path = ''] = link.split('#');
  const target = normalize(join(dirname(page), path)).replace(/\/$/, '');
  if (files.has(target) || !existsSync(target)) return link;
  if (!statSync(target).isDirectory()) return `${repository}/blob/main/${target}`;
  const index = ['README.md', 'index.md'].find((name) => files.has(join(target, name)));
  return index === undefined ? `${repository}/tree/main/${target}` : `${path.replace(/\/$/, '')}/${index}`;
}

/** Rewrites the links of a page by {@link siteLink}. Code keeps its brackets. */
export function withSiteLinks(page: string, text: string, files: ReadonlySet<string>): string {
  return text.replace(/(?<=\]\()[^)\s]+(?=\))/g, (link) => siteLink(page, link, files));
}
