import { listenForCancellation } from './cancellation.ts';
import type { ReportPage } from './report/build-report.ts';
import { runFromEnvironment } from './run-from-environment.ts';

/** Defined by scripts/build.mjs from `report/page`. */
declare const berthReportPage: ReportPage;

const cancellation = listenForCancellation(process, (exitCode) => process.exit(exitCode));

runFromEnvironment({
  env: process.env,
  stdout: process.stdout,
  cancellation,
  page: berthReportPage,
  now: () => new Date(),
}).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`[berth] ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(70);
  },
);
