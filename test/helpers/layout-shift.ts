import type { Page } from 'playwright-core';

/** To be told to a page before it is opened: gathers what moves without anybody's doing. */
const watch = `
  globalThis.layoutShifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const moved = entry.sources.map(({ node, previousRect, currentRect }) => {
        const element = node?.nodeType === 1 ? node : node?.parentElement;
        const name = element ? element.tagName + '.' + element.className : 'something';
        return name + ' from ' + previousRect.y + ' to ' + currentRect.y;
      });
      globalThis.layoutShifts.push({ value: entry.value, moved: moved.join(', ') });
    }
  }).observe({ type: 'layout-shift', buffered: true });
`;

export async function watchLayout(page: Page): Promise<void> {
  await page.addInitScript(watch);
}

/**
 * What moved on a page since it was opened, by the Layout Instability API.
 *
 * @see https://web.dev/articles/cls
 */
export function layoutShifts(page: Page): Promise<{ value: number; moved: string }[]> {
  return page.evaluate<{ value: number; moved: string }[]>('globalThis.layoutShifts');
}
