import { writeSync } from 'node:fs';
import * as core from '@actions/core';
import { actionsHost as host } from './actions-host.ts';
import { NoAnswer } from './api-error.ts';
import { cancel, cleanUp } from './cancel.ts';
import { createClient } from './client.ts';
import { apiKeyCredentials, type Credentials, oidcCredentials } from './credentials.ts';
import { createLogView } from './log-view.ts';
import { createRetry, defaultPatience } from './retry.ts';
import { type RunDeps, run, status } from './run.ts';
import { type Connection, readConnection, readSettings, type Settings } from './settings.ts';
import { noteDeployment, releaseStack, takeStack } from './stacks.ts';
import { type LeftBehind, readStepState, stateWriter } from './step-state.ts';
import { createStoppedCommands } from './stopped-commands.ts';
import type { WorkflowFacts } from './tested-code.ts';
import { createTransport } from './transport.ts';
import { readWorkflowEvent } from './workflow-event.ts';

/** The entry of the action, for its main step and for its post step. Here alone the environment is read. */
async function main(): Promise<void> {
  const { isPost, left } = readStepState(core.getState);
  if (isPost) return post(left);
  // First of all: the post step of a step whose inputs are wrong must not be taken for a main step.
  stateWriter(host).begun();
  const settings = readSettings(getInput, process.env, workflowFacts());
  const deps = createDeps(settings);
  // Before the reason is told: the runner must be listening to commands again.
  const failure = await carryOut(deps, settings).finally(deps.view.close);
  if (failure !== undefined) host.fail(failure);
}

async function post(left: LeftBehind): Promise<void> {
  if (Object.keys(left).length === 0) return;
  await cleanUp(createDeps(readConnection(getInput, process.env)), left);
}

function getInput(name: string): string {
  return core.getInput(name);
}

/** @returns why the step fails; undefined where it does not. */
async function carryOut(deps: RunDeps, settings: Settings): Promise<string | undefined> {
  switch (settings.operation) {
    case 'run':
      return run(deps, settings);
    case 'status':
      return status(deps, settings);
    case 'cancel':
      return void (await cancel(deps, settings));
    case 'request-stack':
      return takeStack(deps, settings);
    case 'release-stack':
      return void (await releaseStack(deps, settings));
    case 'set-last-deployed-commit':
      return void (await noteDeployment(deps, settings));
  }
}

function workflowFacts(): WorkflowFacts {
  const { env } = process;
  return {
    serverUrl: env.GITHUB_SERVER_URL || 'https://github.com',
    repository: env.GITHUB_REPOSITORY ?? '',
    ref: env.GITHUB_REF ?? '',
    sha: env.GITHUB_SHA ?? '',
    event: readWorkflowEvent(env.GITHUB_EVENT_PATH),
  };
}

function createDeps(settings: Connection): RunDeps {
  const { apiUrl, project, apiKey } = settings;
  if (apiKey !== undefined) core.setSecret(apiKey);
  if (apiKey !== undefined && apiUrl.startsWith('http:') && !isLoopback(apiUrl)) {
    host.warning('api-url is plain http: whoever is on the way can read the API key. Use https.');
  }
  const commands = createStoppedCommands(host);
  // Whatever ends this process, the commands of the steps that follow have to act again.
  process.on('exit', () => void writeSync(1, commands.pending()));
  const cancelled = new AbortController();
  // The runner sends INT, then TERM after 7.5 s, then KILL after another 2.5 s.
  process.on('SIGINT', () => cancelled.abort());
  process.on('SIGTERM', () => cancelled.abort());
  return {
    client: createClient({
      apiUrl,
      ...(project === undefined ? {} : { project }),
      credentials: createCredentials(settings),
      transport: createTransport(),
      retry: createRetry(host, defaultPatience),
    }),
    host,
    view: createLogView(host, commands),
    state: stateWriter(host),
    signal: cancelled.signal,
  };
}

function createCredentials({ apiKey, oidcAudience }: Connection): Credentials {
  if (apiKey !== undefined) return apiKeyCredentials(apiKey);
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL) {
    throw new Error(
      'There is no api-key, and GitHub gives this job no OIDC token. Set the input api-key, or give the job `permissions: id-token: write`. (Workflows of pull requests from forks are given neither secrets nor tokens.)',
    );
  }
  return oidcCredentials({ fetchToken: () => fetchToken(oidcAudience), now: host.now });
}

async function fetchToken(audience: string): Promise<string> {
  try {
    return await core.getIDToken(audience);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoAnswer(`GitHub gives no OIDC token: ${reason.replace(/\s+/g, ' ')}`, { cause: error });
  }
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}

try {
  await main();
} catch (error) {
  host.fail(error instanceof Error ? error.message : String(error));
}
