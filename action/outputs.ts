import type { Workflow } from '../app/client/api-types.ts';
import type { Host } from './host.ts';

/** Sets the outputs that describe the state of a run. */
export function setRunOutputs(host: Host, run: Workflow): void {
  const held = run.stack?.held ?? undefined;
  setAll(host, {
    'workflow-id': run.workflow_id,
    state: run.state,
    conclusion: run.conclusion,
    'exit-code': run.exit_code,
    'run-url': run.run_url,
    'logs-url': run.logs_url,
    'report-url': run.report_url,
    'tests-total': run.tests?.total,
    'tests-passed': run.tests?.passed,
    'tests-failed': run.tests?.failed,
    'tests-skipped': run.tests?.skipped,
    'cost-usd': run.cost_usd,
    'stack-name': run.stack_name,
    sha: run.sha,
    'duration-seconds': durationSeconds(run),
    'lock-token': held?.lock_token,
    'last-deployed-commit': held?.last_deployed_commit,
    'is-new': held?.is_new,
    'deployed-url': run.url,
    outputs: JSON.stringify(run.outputs),
  });
}

/** Sets outputs; an unknown value becomes the empty text, so that an `if` in the workflow can test it. */
export function setAll(
  host: Host,
  outputs: Readonly<Record<string, string | number | boolean | null | undefined>>,
): void {
  for (const [name, value] of Object.entries(outputs)) host.setOutput(name, String(value ?? ''));
}

/** The duration of the task in seconds; undefined until it ends. */
export function durationSeconds(run: Workflow): number | undefined {
  if (run.started_at === null || run.stopped_at === null) return undefined;
  return Math.max(0, Math.round((Date.parse(run.stopped_at) - Date.parse(run.started_at)) / 1000));
}
