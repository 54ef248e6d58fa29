import { getInput, getState } from '@actions/core';
import { actionsHost as host } from './actions-host.ts';
import { cleanUp } from './clean-up.ts';
import { createDeps } from './create-deps.ts';
import { errorText } from './error-text.ts';
import { readConnection } from './settings.ts';
import { readStepState } from './step-state.ts';

/** The job waits for the post step, and gains nothing from it. */
const patienceMs = 8_000;

/** The post step of the action: its own entry, so that it can never do the work of a main step. */
export async function runPost(): Promise<void> {
  try {
    const left = readStepState(getState);
    if (Object.keys(left).length === 0) return;
    const connection = readConnection((name) => getInput(name), process.env);
    const token = getInput('github-token');
    const github =
      token === '' || left.check === undefined
        ? undefined
        : { token, sha: left.check.sha, pullRequest: left.check.pullRequest };
    const signal = AbortSignal.timeout(patienceMs);
    const checkRunId = left.check?.id;
    await cleanUp(createDeps({ connection, github, checkRunId, signal, patienceMs }), left);
  } catch (error) {
    host.warning(`Berth's post step could not clean up: ${errorText(error)}`);
  }
}
