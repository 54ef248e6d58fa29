import { getInput } from '@actions/core';
import { context } from '@actions/github';
import { actionsHost as host } from './actions-host.ts';
import { cancel } from './cancel.ts';
import { Cancelled } from './cancelled.ts';
import { createDeps } from './create-deps.ts';
import { errorText } from './error-text.ts';
import { run, status } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings-types.ts';
import { acquireStack, recordDeployment, releaseStack } from './stacks.ts';

/** The main step of the action. */
export async function runMain(): Promise<void> {
  try {
    const settings = readSettings((name) => getInput(name), process.env, workflowFacts());
    for (const name of settings.unused) host.warning(`The input ${name} has no effect here.`);
    const github = settings.operation === 'run' ? settings.github : undefined;
    const deps = createDeps({ connection: settings, github, signal: cancellation() });
    // The view is closed first: until then the runner ignores commands.
    const failure = await execute(deps, settings).finally(deps.view.close);
    if (failure !== undefined) host.fail(failure);
  } catch (error) {
    host.fail(errorText(error));
  }
}

/** @returns why the step fails; undefined if it passes. */
async function execute(deps: RunDeps, settings: Settings): Promise<string | undefined> {
  switch (settings.operation) {
    case 'run':
      return run(deps, settings);
    case 'status':
      return status(deps, settings);
    case 'cancel':
      return void (await cancel(deps, settings));
    case 'request-stack':
      return acquireStack(deps, settings);
    case 'release-stack':
      return void (await releaseStack(deps, settings));
    case 'set-last-deployed-commit':
      return void (await recordDeployment(deps, settings));
  }
}

function workflowFacts() {
  const { serverUrl, ref, sha, payload } = context;
  return {
    serverUrl,
    ref: ref ?? '',
    sha: sha ?? '',
    repository: process.env.GITHUB_REPOSITORY ?? '',
    event: payload,
  };
}

/** Fires when the workflow is canceled: the runner sends INT, TERM 7.5 s later, and KILL another 2.5 s later. */
function cancellation(): AbortSignal {
  const cancelled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => cancelled.abort(new Cancelled()));
  }
  return cancelled.signal;
}
