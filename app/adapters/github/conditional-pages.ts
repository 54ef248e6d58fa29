import type { Octokit } from './github-app.ts';
import { statusOf } from './rate-gate.ts';

/** Caches pages of lists. GitHub answers with a 304 for unchanged pages, which costs no quota. */
export interface PageCache {
  /**
   * Reads a complete list.
   *
   * @param key of the list, unique in the App: its URL and the installation that reads it.
   * @param map extracts what is needed from a page; only that stays in memory.
   * @param maxItems a longer list is not read completely.
   * @returns undefined if the list is longer than `maxItems`.
   * @see https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
   */
  read<Item>(
    octokit: Octokit,
    list: {
      readonly key: string;
      readonly route: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    },
    map: (data: unknown) => readonly Item[],
    maxItems?: number,
  ): Promise<readonly Item[] | undefined>;
}

interface Page {
  readonly etag: string;
  readonly items: readonly unknown[];
  readonly hasNext: boolean;
}

const perPage = 100;
const maxPages = 2000;

export function createPageCache(): PageCache {
  const pages = new Map<string, Page>();

  async function readPage(
    octokit: Octokit,
    list: Parameters<PageCache['read']>[1],
    number: number,
    map: (data: unknown) => readonly unknown[],
  ): Promise<Omit<Page, 'etag'>> {
    const key = `${list.key} ${number}`;
    const known = pages.get(key);
    try {
      const { data, headers } = await octokit.request(`GET ${list.route}`, {
        ...list.parameters,
        per_page: perPage,
        page: number,
        headers: known === undefined ? {} : { 'if-none-match': known.etag },
      });
      const page = { items: map(data), hasNext: headers.link?.includes('rel="next"') === true };
      remember(key, headers.etag, page);
      return page;
    } catch (error) {
      if (known !== undefined && statusOf(error) === 304) return known;
      throw error;
    }
  }

  function remember(key: string, etag: string | undefined, page: Omit<Page, 'etag'>): void {
    pages.delete(key);
    if (etag === undefined) return;
    pages.set(key, { ...page, etag });
    const [oldest] = pages.keys();
    if (pages.size > maxPages && oldest !== undefined) pages.delete(oldest);
  }

  return {
    async read<Item>(
      octokit: Octokit,
      list: Parameters<PageCache['read']>[1],
      map: (data: unknown) => readonly Item[],
      maxItems = Number.POSITIVE_INFINITY,
    ) {
      const all: Item[] = [];
      for (let number = 1; ; number += 1) {
        const page = await readPage(octokit, list, number, map);
        // A key always has pages that the same function mapped.
        all.push(...(page.items as readonly Item[]));
        if (!page.hasNext) return all;
        if (all.length >= maxItems) return undefined;
      }
    },
  };
}
