import { writeSync } from 'node:fs';
import * as core from '@actions/core';
import { context, getOctokit } from '@actions/github';
import { Unreachable } from '../app/client/api-error.ts';
import { apiKeyCredentials, type Credentials } from '../app/client/credentials.ts';
import { actionsHost as host } from './actions-host.ts';
import { createApi } from './create-api.ts';
import { createGithubReport, noGithubReport } from './github-report.ts';
import { createLogView } from './log-view.ts';
import { oidcCredentials } from './oidc-credentials.ts';
import type { RunDeps } from './run-deps.ts';
import type { Connection, GithubTarget } from './settings-types.ts';
import { type StateWriter, stateWriter } from './step-state.ts';
import { createStoppedCommands } from './stopped-commands.ts';
import { createTransport } from './transport.ts';

export interface DepsOptions {
  readonly connection: Connection;
  /** If omitted, nothing is shown on GitHub. */
  readonly github?: GithubTarget | undefined;
  /** A check run that an earlier process created. */
  readonly checkRunId?: number | undefined;
  readonly signal: AbortSignal;
  /** How long to retry while Berth does not answer. If omitted, as long as a workflow waits for a run. */
  readonly patienceMs?: number | undefined;
}

/** Assembles what a step works with on a runner of GitHub Actions. */
export function createDeps({ connection, github, checkRunId, signal, patienceMs }: DepsOptions): RunDeps {
  const { apiUrl, project, apiKey } = connection;
  if (apiKey !== undefined) core.setSecret(apiKey);
  if (apiKey !== undefined && apiUrl.startsWith('http:') && !isLoopback(apiUrl)) {
    host.warning('api-url is plain http, so the network can read the API key. Use https.');
  }
  const commands = createStoppedCommands(host);
  // However this process ends, the steps that follow need working commands.
  process.on('exit', () => void writeSync(1, commands.pending()));
  const state = stateWriter(host);
  return {
    api: createApi({
      apiUrl,
      project,
      credentials: createCredentials(connection),
      fetch: createTransport(apiUrl),
      host,
      patienceMs,
    }),
    host,
    view: createLogView(host, commands),
    state,
    signal,
    github: github === undefined ? noGithubReport : createReport(github, state, checkRunId),
  };
}

function createReport(github: GithubTarget, state: StateWriter, checkRunId: number | undefined) {
  core.setSecret(github.token);
  return createGithubReport(
    { octokit: getOctokit(github.token), repository: context.repo, host, state },
    github,
    checkRunId,
  );
}

function createCredentials({ apiKey, oidcAudience }: Connection): Credentials {
  if (apiKey !== undefined) return apiKeyCredentials(apiKey);
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL) {
    throw new Error(
      'No credentials: set the input api-key, or give the job `permissions: id-token: write`. (Workflows of pull requests from forks get neither secrets nor tokens.)',
    );
  }
  return oidcCredentials({ fetchToken: () => fetchToken(oidcAudience), now: host.now });
}

async function fetchToken(audience: string): Promise<string> {
  try {
    return await core.getIDToken(audience);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unreachable(`GitHub issued no OIDC token: ${reason.replace(/\s+/g, ' ')}`, { cause: error });
  }
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}
