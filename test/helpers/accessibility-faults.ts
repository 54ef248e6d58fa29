import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** WCAG 2.2 AA, which axe does not check in full by default, and what its authors recommend. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** @returns everything that axe finds on a page. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // By the debugger, past the page's own policy: what is tested is the page, not whether it lets axe in.
  await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    // axe.min.js, evaluated just now, put it there.
    const { axe: tester } = globalThis as unknown as {
      axe: {
        run(options: { runOnly: readonly string[] }): Promise<{
          violations: { id: string; nodes: { html: string }[] }[];
        }>;
      };
    };
    const { violations } = await tester.run({ runOnly });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  }, rules);
}
