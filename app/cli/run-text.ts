import type { Stack, Workflow, WorkflowStatus, WorkflowSummary } from '../client/api-types.ts';
import type { RunState } from '../core/model/run-state.ts';
import { numberText } from '../lib/format.ts';
import type { Output } from './terminal.ts';
import { ageText, durationText } from './time-text.ts';
import { cut, firstLine, visible } from './visible-text.ts';

type Colors = Output['colors'];

/** Formats a run's state with its symbol, in a color for its severity. */
export function stateText(state: RunState, colors: Colors): string {
  const [mark, color] = styles(colors)[state];
  return color(`${mark} ${state.replace('_', ' ')}`);
}

function styles(colors: Colors): Readonly<Record<RunState, readonly [string, (text: string) => string]>> {
  return {
    queued: ['·', colors.dim],
    waiting: ['◌', colors.yellow],
    provisioning: ['◌', colors.cyan],
    running: ['●', colors.cyan],
    succeeded: ['✔', colors.green],
    failed: ['✖', colors.red],
    errored: ['!', colors.red],
    timed_out: ['!', colors.red],
    cancelled: ['○', colors.dim],
    skipped: ['○', colors.dim],
  };
}

/** `12 passed`, `1 of 12 failed`; empty if no test was reported. */
export function testsText(tests: WorkflowStatus['tests']): string {
  if (tests === null || tests.total === 0) return '';
  return tests.failed === 0
    ? `${numberText(tests.passed)} passed`
    : `${numberText(tests.failed)} of ${numberText(tests.total)} failed`;
}

/** How long a run took, or has taken so far, since its task started. Empty if it never started. */
export function runDuration(run: WorkflowSummary, now: Date): string {
  if (run.started_at === null) return '';
  const end = run.stopped_at === null ? now : new Date(run.stopped_at);
  return durationText(end.getTime() - new Date(run.started_at).getTime());
}

export const runHeadings = [
  'ID',
  'STATE',
  'BRANCH',
  'COMMIT',
  'SUITE',
  'STACK',
  'TESTS',
  'DURATION',
  'CREATED',
];

/** A run as a row under {@link runHeadings}. */
export function runRow(run: WorkflowSummary, now: Date, colors: Colors): readonly string[] {
  return [
    run.workflow_id,
    stateText(run.state, colors),
    cut(visible(run.branch), 40),
    run.sha?.slice(0, 7) ?? '',
    cut(visible(run.suite), 20),
    run.stack_name ?? '',
    testsText(run.tests),
    runDuration(run, now),
    ageText(new Date(run.created_at), now),
  ];
}

/** Says what a run that has not started is waiting for; undefined once it runs. */
export function waitText(run: WorkflowStatus, stacks: readonly Stack[], now: Date): string | undefined {
  switch (run.state) {
    case 'queued':
      return run.waiting === null ? 'queued' : whyWaiting(run, stacks, now);
    case 'provisioning':
      return `starting${run.stack_name === null ? '' : ` on ${run.stack_name}`}`;
    case 'waiting':
      return whyWaiting(run, stacks, now);
    default:
      return undefined;
  }
}

function whyWaiting({ waiting }: WorkflowStatus, stacks: readonly Stack[], now: Date): string {
  switch (waiting?.reason) {
    case 'turn':
      return `waiting for its turn on ${waiting.stack_name ?? 'the stack'}, which another run of the branch uses`;
    case 'deploy':
      return `waiting for the deployment ${visible(waiting.deploy ?? '')}`;
    case 'suite':
      return `waiting for the suite ${visible(waiting.suite ?? '')}`;
    case 'capacity':
      return `waiting for other runs${waiting.group == null ? '' : ` of the group ${visible(waiting.group)}`} to end${waiting.position == null ? '' : `, position ${waiting.position} in the queue`}`;
    default: {
      const place = waiting?.position ?? undefined;
      const line = place === undefined ? 'waiting for a stack' : `position ${place} in the queue for a stack`;
      const holds = stacks.filter((stack) => !stack.isAvailable).map((stack) => holdText(stack, now));
      const more = holds.length > 3 ? `, and ${holds.length - 3} more` : '';
      return holds.length === 0 ? line : `${line}; ${holds.slice(0, 3).join(', ')}${more}`;
    }
  }
}

function holdText(stack: Stack, now: Date): string {
  const since =
    stack.heldSince === null ? '' : ` for ${durationText(now.getTime() - Date.parse(stack.heldSince))}`;
  return `${stack.stackName} is held by ${visible(stack.heldBy ?? 'another holder')}${since}`;
}

/** Summarizes the end of a run in a few lines: the outcome, the first failed tests with what they say, the outputs, and notes. */
export function endText(run: Workflow, now: Date, colors: Colors): string {
  const { failures } = run;
  const stack = run.stack_name === null ? '' : `on ${run.stack_name}`;
  const about = [stack, runDuration(run, now)].filter((fact) => fact !== '').join(', ');
  const listed = failures.slice(0, 10);
  const shown = listed.flatMap((failure) => {
    const at =
      failure.file === null ? '' : `${failure.file}${failure.line === null ? '' : `:${failure.line}`}`;
    // An error of a compiler has the name of its place.
    const place = at === '' || at === failure.name ? '' : ` (${at})`;
    const group = failure.group === '' ? '' : `${failure.group} › `;
    const message = cut(firstLine(failure.message), 200);
    const isSaid = message === '' || run.summary?.includes(message) === true;
    return [
      `  ${colors.red('✖')} ${visible(`${group}${failure.name}${place}`)}`,
      ...(isSaid ? [] : [`      ${visible(message)}`]),
    ];
  });
  const more = (run.tests?.failed ?? failures.length) - listed.length;
  return [
    `${stateText(run.state, colors)}  ${visible(run.summary ?? '')}${about === '' ? '' : colors.dim(` (${about})`)}`,
    ...shown,
    ...(more > 0 && listed.length > 0 ? [`  … and ${more} more`] : []),
    ...Object.entries(run.outputs).map(([name, value]) => `  ${colors.dim(name)} ${visible(value)}`),
    ...run.warnings.map((warning) => `  ${colors.yellow('!')} ${visible(warning.message)}`),
  ].join('\n');
}
