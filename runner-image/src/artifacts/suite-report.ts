import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the usual tools write their HTML reports, which are always kept. */
export const suiteReportGlobs = [
  '**/playwright-report/**',
  '**/allure-report/**',
  '**/mochawesome-report/**',
  '**/*report*.html',
];

/** Texts near the top of the first page of a coverage report: coverage.py, Istanbul, SimpleCov, lcov, JaCoCo. */
const coverageSignature =
  /<title>(?:Coverage report|Code coverage report for All files|Code coverage for [^<]*|LCOV - [^<-]*)<\/title>|href="jacoco-resources\//i;
const reportDirectories = /(^|\/)(playwright-report|allure-report|mochawesome-report)\//;
const reportPages =
  /(^|\/)(playwright-report|allure-report)\/index\.html$|(^|\/)mochawesome-report\/[^/]+\.html$/;
/** Allure writes a text for a mail next to its report. */
const mailPage = /\/export\/mail\.html$/;
/** Texts near the top of the tools' pages. */
const signature =
  /pytest-html|Go Coverage Report<\/title>|<title id="head-title">|Playwright Test Report|Allure Report|mochawesome/i;
const headBytes = 8 * 1024;

/** @returns whether the file is the start page of a report that the suite's tool wrote. */
export async function isSuiteReport(checkout: string, path: string): Promise<boolean> {
  if (!path.endsWith('.html')) return false;
  if (reportPages.test(path)) return true;
  if (reportDirectories.test(path) || mailPage.test(path)) return false;
  const file = await open(join(checkout, path));
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(headBytes), position: 0 });
    const head = buffer.toString('latin1', 0, bytesRead);
    return signature.test(head) || (/(^|\/)index\.html$/.test(path) && coverageSignature.test(head));
  } finally {
    await file.close();
  }
}

/** @returns whether the file is in the directory of such a report. */
export function isOfSuiteReport(path: string): boolean {
  return reportDirectories.test(path);
}
