import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the usual tools write an HTML report of their own: they are kept without being asked for. */
export const suiteReportGlobs = [
  '**/playwright-report/**',
  '**/allure-report/**',
  '**/mochawesome-report/**',
  '**/*report*.html',
];

const reportDirectories = /(^|\/)(playwright-report|allure-report|mochawesome-report)\//;
const reportPages =
  /(^|\/)(playwright-report|allure-report)\/index\.html$|(^|\/)mochawesome-report\/[^/]+\.html$/;
/** What the tools write near the top of their page. */
const signature = /pytest-html|<title id="head-title">|Playwright Test Report|Allure Report|mochawesome/i;
const headBytes = 8 * 1024;

/**
 * @returns whether the file is the page with which a report of the suite's own begins.
 */
export async function isSuiteReport(checkout: string, path: string): Promise<boolean> {
  if (!path.endsWith('.html')) return false;
  if (reportPages.test(path)) return true;
  if (reportDirectories.test(path)) return false;
  const file = await open(join(checkout, path));
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headBytes), position: 0 });
    return signature.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * @returns whether the file lies in the directory of such a report, and belongs to it.
 */
export function isOfSuiteReport(path: string): boolean {
  return reportDirectories.test(path);
}
