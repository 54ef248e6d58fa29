import { BerthError } from '../core/model/errors.ts';
import type { RunId } from '../core/model/ids.ts';
import { startRun } from '../core/runs/start-run.ts';
import { findProject } from '../http/find-project.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';

/** What the jobs of the older batch runner had (CONTRACTS, "Event-driven runs"). */
const eventDrivenDefaults = { cpuUnits: 512, memoryMib: 1024, timeoutSeconds: 300 };

/**
 * Starts the run of an `eventDrivenTest` event: the event says its id, the settings what is run.
 *
 * @throws BerthError `config_invalid`, `project_not_found`: the event ends in the dead-letter queue.
 */
export async function startEventDrivenRun(
  { deps, config }: Pick<AwsBerth, 'deps' | 'config'>,
  id: RunId,
): Promise<void> {
  const { eventRun } = config;
  if (eventRun === undefined) {
    throw new BerthError('config_invalid', 'Nothing says what event-driven runs are to run.', {
      hint: 'Set BERTH_EVENT_PROJECT, BERTH_EVENT_REPO_URL and BERTH_EVENT_COMMAND.',
    });
  }
  const project = await findProject(deps, eventRun.project);
  if (project === undefined) {
    throw new BerthError('project_not_found', `There is no project ${eventRun.project}.`, {
      hint: 'Correct BERTH_EVENT_PROJECT, or make the project.',
    });
  }
  await startRun(deps, {
    project,
    id,
    trigger: { kind: 'event', actor: 'EventBridge' },
    spec: {
      ...eventDrivenDefaults,
      suite: 'event-driven',
      source: { kind: 'git', url: eventRun.repoUrl },
      branch: eventRun.branch,
      command: eventRun.command,
      env: {},
      secrets: {},
      junit: [],
      artifacts: [],
      retries: 0,
      untrusted: false,
    },
  });
}
