import type { Page } from 'playwright-core';

/** A script that a page runs first: it records layout shifts without user input. */
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
 * Returns the layout shift of a page since it was opened, from the Layout Instability API.
 *
 * @see https://web.dev/articles/cls
 */
export function layoutShifts(page: Page): Promise<{ value: number; moved: string }[]> {
  return page.evaluate<{ value: number; moved: string }[]>('globalThis.layoutShifts');
}
