import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isSuiteReport } from '../../../runner-image/src/artifacts/suite-report.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

/** The beginnings of pages that the tools of today write. */
const pages: readonly (readonly [path: string, head: string, isReport: boolean])[] = [
  ['allure/index.html', '<!DOCTYPE html><html dir="ltr"><head><title>Allure Report</title>', true],
  ['allure/export/mail.html', '<html><head><title>Allure Report summary mail</title>', false],
  ['htmlcov/index.html', '<html lang="en"><head><title>Coverage report</title>', true],
  ['htmlcov/m_py.html', '<html lang="en"><head><title>Coverage for m.py: 67%</title>', false],
  ['htmlcov/class_index.html', '<html lang="en"><head><title>Coverage report</title>', false],
  ['coverage/lcov-report/index.html', '<head>\n  <title>Code coverage report for All files</title>', true],
  ['coverage/lcov-report/src/index.html', '<head>\n  <title>Code coverage report for src</title>', false],
  ['jacoco/index.html', '<html><head><link rel="stylesheet" href="jacoco-resources/report.css"', true],
  [
    'jacoco/com.acme/index.html',
    '<html><head><link rel="stylesheet" href="../jacoco-resources/report.css"',
    false,
  ],
  ['simplecov/index.html', '<html><head><title>Code coverage for Shop</title>', true],
  ['genhtml/index.html', '<html><head><title>LCOV - all.info</title>', true],
  ['genhtml/src/index.html', '<html><head><title>LCOV - all.info - src</title>', false],
  ['cover.html', '<!DOCTYPE html><html><head><title>shop: Go Coverage Report</title>', true],
  ['site/index.html', '<html><head><title>Shop</title>', false],
];

describe('a report', () => {
  it.each(pages)('that begins at %s is found by its first page', async (path, head, isReport) => {
    const { path: checkout, remove } = await temporaryDirectory();
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    await writeFile(join(checkout, path), head);
    const found = await isSuiteReport(checkout, path);
    await remove();
    expect(found).toBe(isReport);
  });
});
