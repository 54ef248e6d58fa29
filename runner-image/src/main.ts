import { listenForCancellation } from './cancellation.ts';
import { runFromEnvironment } from './run-from-environment.ts';

const cancellation = listenForCancellation(process, (exitCode) => process.exit(exitCode));

runFromEnvironment({
  env: process.env,
  stdout: process.stdout,
  cancellation,
  now: () => new Date(),
}).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`[berth] ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(70);
  },
);
