import { Cancelled } from '../../../action/cancelled.ts';
import { createApi } from '../../../action/create-api.ts';
import { type GithubReport, noGithubReport } from '../../../action/github-report.ts';
import { createLogView } from '../../../action/log-view.ts';
import type { RunDeps } from '../../../action/run-deps.ts';
import { readSettings } from '../../../action/settings.ts';
import type { Settings } from '../../../action/settings-types.ts';
import { stateWriter } from '../../../action/step-state.ts';
import { createStoppedCommands } from '../../../action/stopped-commands.ts';
import type { WorkflowFacts } from '../../../action/tested-code.ts';
import { Unreachable } from '../../../app/client/api-error.ts';
import type { Fetch } from '../../../app/client/call.ts';
import { apiKeyCredentials } from '../../../app/client/credentials.ts';
import { type RunId, runId } from '../../../app/core/model/ids.ts';
import type { JobResult } from '../../../app/core/model/job.ts';
import type { Project, ProjectSettingsInput } from '../../../app/core/model/project.ts';
import { writeResult } from '../../helpers/memory-deps.ts';
import { type HttpWorld, httpWorld } from '../http/http-world.ts';
import { type RecordingHost, recordingHost } from './recording-host.ts';

/** A step of a workflow against Berth's own API, in a world without a machine. */
export interface ActionWorld {
  readonly berth: HttpWorld;
  readonly project: Project;
  readonly host: RecordingHost;
  readonly deps: RunDeps;
  readonly requests: string[];
  /** Cancels the workflow. */
  cancel(): void;
  /** Takes the server away, and brings it back. */
  setAway(away: boolean): void;
  /** Lines that the run prints. */
  print(...lines: string[]): void;
  /** The task of the latest run begins. */
  begin(): Promise<void>;
  /** The task of the latest run ends. */
  end(result?: Partial<JobResult>): Promise<void>;
  latest(): RunId;
}

export async function actionWorld(
  settings: ProjectSettingsInput = { maxStacks: 1 },
  github: GithubReport = noGithubReport,
): Promise<ActionWorld> {
  const output: string[] = [];
  let isEnded = false;
  const berth = httpWorld({
    logs: {
      async read(_run, cursor, limit) {
        const from = Number(cursor ?? 0);
        const lines = output.slice(from, from + limit).map((text) => ({ text }));
        return { lines, cursor: String(from + lines.length), complete: isEnded };
      },
      consoleUrl: () => undefined,
    },
  });
  const project = await berth.project(settings);
  const host = recordingHost();
  const cancelled = new AbortController();
  const requests: string[] = [];
  let isAway = false;
  const fetch: Fetch = async (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    if (isAway) throw new Unreachable('connection refused', { cause: undefined });
    return berth.app.fetch(request);
  };
  const latest = (): RunId => {
    const launched = berth.tasks.launched.at(-1);
    if (launched === undefined) throw new Error('no task was launched yet');
    return runId(launched.runId);
  };
  const look = async (): Promise<void> => {
    await berth.deps.enqueue(latest());
    await berth.settle();
  };
  return {
    berth,
    project,
    host,
    requests,
    latest,
    cancel: () => cancelled.abort(new Cancelled()),
    setAway(away) {
      isAway = away;
    },
    print: (...lines) => void output.push(...lines),
    async begin() {
      berth.tasks.set(berth.tasks.arnOf(latest()), { lastStatus: 'RUNNING', startedAt: berth.clock.now() });
      await look();
    },
    async end(result = {}) {
      isEnded = true;
      writeResult(berth, latest(), result);
      berth.clock.advance(10);
      berth.tasks.set(berth.tasks.arnOf(latest()), {
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        stoppedAt: berth.clock.now(),
        exitCode: result.exitCode ?? 0,
      });
      await look();
    },
    deps: {
      api: createApi({
        apiUrl: 'http://berth.test',
        credentials: apiKeyCredentials(await berth.key(project, 'run')),
        fetch,
        host,
      }),
      host,
      view: createLogView(host, createStoppedCommands(host)),
      state: stateWriter(host),
      signal: cancelled.signal,
      github,
    },
  };
}

export const aCommit = '8f3c7e1d2b4a5968778695a4b3c2d1e0f9a8b7c6';

/** A push to main. */
export const aPush: WorkflowFacts = {
  serverUrl: 'https://github.com',
  repository: 'acme/site',
  ref: 'refs/heads/main',
  sha: aCommit,
  event: {},
};

export const aJob = {
  GITHUB_REPOSITORY: 'acme/site',
  GITHUB_RUN_ID: '17',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'test',
  GITHUB_ACTION: '__berth',
};

/** The settings of a step with these inputs, after a push to main. */
export function settingsOf(
  inputs: Record<string, string>,
  facts: WorkflowFacts = aPush,
  environment: Record<string, string> = aJob,
): Settings {
  const given: Record<string, string> = {
    'api-url': 'http://berth.test',
    'api-key': 'a key',
    command: 'npm test',
    ...inputs,
  };
  return readSettings((name) => given[name] ?? '', environment, facts);
}

/** The settings of a step that does a certain thing. */
export function settingsFor<Name extends Settings['operation']>(
  operation: Name,
  inputs: Record<string, string> = {},
): Extract<Settings, { operation: Name }> {
  const settings = settingsOf({ operation, ...inputs });
  if (settings.operation !== operation) throw new Error(`the operation is ${settings.operation}`);
  // What was just compared.
  return settings as Extract<Settings, { operation: Name }>;
}
