import { BerthError } from '../core/model/errors.ts';
import type { RunId } from '../core/model/ids.ts';
import { createFirstProject } from '../core/projects/ensure-first-project.ts';
import { startRun } from '../core/runs/start-run.ts';
import { findProject } from '../http/find-project.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';

/**
 * Starts the run of an `eventDrivenTest` event. The event has the run's ID; the configuration has everything else.
 *
 * @throws BerthError `config_invalid`, `project_not_found`: the event goes to the dead-letter queue.
 */
export async function startEventDrivenRun(
  { deps, config }: Pick<AwsBerth, 'deps' | 'config'>,
  id: RunId,
): Promise<void> {
  const { eventRun } = config;
  if (eventRun === undefined) {
    throw new BerthError('config_invalid', 'Event-driven runs are not configured.', {
      hint: 'Set BERTH_EVENT_PROJECT, BERTH_EVENT_REPO_URL and BERTH_EVENT_COMMAND.',
    });
  }
  const project =
    (await findProject(deps, eventRun.project)) ??
    // Before the first setup, there is no project yet.
    (eventRun.project === config.firstProject ? await createFirstProject(deps, eventRun.project) : undefined);
  if (project === undefined) {
    throw new BerthError('project_not_found', `There is no project ${eventRun.project}.`, {
      hint: 'Correct BERTH_EVENT_PROJECT, or create the project.',
    });
  }
  await startRun(deps, {
    project,
    id,
    trigger: { kind: 'event', actor: 'EventBridge' },
    spec: {
      cpuUnits: eventRun.cpuUnits,
      memoryMib: eventRun.memoryMib,
      timeoutSeconds: eventRun.timeoutSeconds,
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
