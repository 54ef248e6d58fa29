import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Lists the test files that failed, one a line, in the file that `FAILED_TEST_FILES` names, for `.ci/run`. Nothing is
 * written if a run did not finish, because the failed files are then unknown.
 */
export default class FailedFilesReporter {
  #root;

  constructor({ rootDir }) {
    this.#root = rootDir;
  }

  onRunComplete(_contexts, { testResults, wasInterrupted }) {
    const file = process.env.FAILED_TEST_FILES;
    if (file === undefined || wasInterrupted) return;
    const failed = testResults.filter(({ numFailingTests, testExecError, failureMessage }) =>
      Boolean(numFailingTests > 0 || testExecError || failureMessage),
    );
    writeFileSync(file, failed.map(({ testFilePath }) => `${relative(this.#root, testFilePath)}\n`).join(''));
  }
}
