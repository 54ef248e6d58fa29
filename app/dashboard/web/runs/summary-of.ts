import type { RunSummary } from '../lib/api.ts';

/** Says in one sentence what happened to a run, or what it is doing. */
export function summaryOf(run: RunSummary): string {
  if (run.summary === 'Workflow cancelled by API request.') return 'Canceled through the API.';
  if (run.summary !== null && run.summary !== '') return run.summary;
  const { waiting } = run;
  const position = waiting?.position == null ? '' : ` Position ${waiting.position} in the queue.`;
  switch (waiting?.reason) {
    case 'capacity':
      return `Waiting for other runs${waiting.group === null ? '' : ` of the group ${waiting.group}`} to finish.${position}`;
    case 'line':
      return `Waiting for a stack.${position}`;
    case 'deploy':
      return `Waiting for ${waiting.deploy ?? 'its deployment'}.`;
    case 'suite':
      return `Waiting for the suite ${waiting.suite ?? ''}.`;
    case 'turn':
      return `Waiting for ${waiting.stack_name ?? 'its stack'}.`;
    default:
      return run.state === 'running' ? 'Running tests' : run.state === 'queued' ? 'Queued' : 'Starting';
  }
}

const triggers: Readonly<Record<string, string>> = {
  api: 'API',
  action: 'GitHub Actions',
  push: 'push',
  pull_request: 'pull request',
  merge_group: 'merge queue',
  schedule: 'schedule',
  comment: 'comment',
  check_run: 'check run',
  event: 'event',
  retry: 'automatic retry',
  teardown: 'teardown',
};

/** Names what started a run: `octocat, push`. */
export function triggerOf({ trigger: { kind, actor } }: Pick<RunSummary, 'trigger'>): string {
  const label = triggers[kind] ?? kind;
  return actor === null ? label : `${actor}, ${label}`;
}

export const triggerKinds = Object.entries(triggers);
