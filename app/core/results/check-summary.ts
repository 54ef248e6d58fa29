import { costText, durationText, momentText, ordinal } from '../../lib/format.ts';
import { codeBlock, codeCell, cutToBytes, inlineCode, prose } from '../../lib/markdown.ts';
import type { CheckContext } from '../model/check-context.ts';
import type { Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { settingsPath } from '../settings/settings.ts';
import { tookSeconds } from './check-headline.ts';
import { teardownStory } from './teardown-check.ts';

/** What stands on the first screen: what happened, the first failure, what to do, and the facts. */
export function checkSummary(run: Run, context: CheckContext): string {
  const parts = [
    run.spec.teardownOf === undefined ? story(run, context) : teardownStory(run),
    firstFailure(run),
    remarks(run),
    facts(run),
    linkLine(run, context),
    run.spec.teardownOf === undefined ? whatNext(run) : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function story(run: Run, context: CheckContext): string {
  const outcome = prose(cutToBytes(run.outcome?.summary ?? '', 3_000));
  switch (run.state) {
    case 'queued':
      if (run.waiting !== undefined) return waitingStory(run, context);
      return 'This suite will run as soon as Berth gets to it. Nothing needs to be done.';
    case 'waiting':
      return waitingStory(run, context);
    case 'provisioning':
      return 'A fresh container is being started for this run. That takes up to a minute or two.';
    case 'running':
      return 'The tests are running. The log can be followed on the run’s page.';
    case 'errored':
      return run.outcome?.errorCode === 'settings_invalid'
        ? 'The settings cannot be used as they are, so no suite was run. Each mistake is listed below, and marked in the file.'
        : `**The tests were not run to their end, and this says nothing about the change.** ${outcome}`;
    case 'skipped':
      return `${outcome} The check concludes as neutral, so that it does not hold up the pull request.`;
    default:
      return `**${outcome}**`;
  }
}

function waitingStory(run: Run, { holders = [] }: CheckContext): string {
  if (run.waiting?.reason === 'turn') {
    return 'Runs of one pull request take turns on its stack, and another one is active now. This one follows by itself.';
  }
  if (run.waiting?.reason === 'capacity') {
    const place =
      run.waiting.position === undefined
        ? ''
        : ` This run is the **${ordinal(run.waiting.position)} in line**.`;
    return `As many tests run as may at once.${place} It starts by itself when others have ended; waiting is not a failure.`;
  }
  const place =
    run.waiting?.position === undefined
      ? ''
      : ` This run is the **${ordinal(run.waiting.position)} in line**.`;
  const intro = `All stacks, the test environments that this repository’s branches share, are taken.${place} It starts by itself when a stack is free; waiting is not a failure.`;
  if (holders.length === 0) return intro;
  const shown = holders.slice(0, 10);
  const rows = shown.map(
    ({ stackName, heldBy, since }) => `| ${codeCell(stackName)} | ${prose(heldBy)} | ${momentText(since)} |`,
  );
  const rest = holders.length - shown.length;
  const more = rest === 0 ? [] : [`| and ${rest} more | | |`];
  return [intro, '', '| stack | held by | since |', '|---|---|---|', ...rows, ...more].join('\n');
}

function firstFailure(run: Run): string {
  const [first] = run.outcome?.failures ?? [];
  if (first === undefined || run.outcome?.errorCode === 'settings_invalid') return '';
  const place = first.file === undefined ? '' : ` at ${inlineCode(placeOf(first))}`;
  // The whole of it stands in the details; here it must leave room for the rest of the screen.
  const message = cutToBytes(first.message.split('\n').slice(0, 12).join('\n'), 1500);
  return `First failure: ${inlineCode(cutToBytes(first.name, 300))}${place}\n\n${codeBlock(message)}`;
}

/** `src/cart.test.ts:14`. */
export function placeOf(failure: {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}): string {
  return failure.line === undefined ? (failure.file ?? '') : `${failure.file ?? ''}:${failure.line}`;
}

/** What is out of the ordinary, each in a sentence. */
function remarks(run: Run): string {
  const said: string[] = [];
  if (run.spec.note !== undefined) said.push(noteText(run.spec.note));
  if (run.state === 'succeeded' && run.attempt > 1) {
    said.push(`The tests passed at the ${ordinal(run.attempt)} try only: they may be flaky.`);
  }
  if (run.state === 'failed' && run.attempt <= run.spec.retries) {
    said.push(
      `They are tried again by themselves, as \`retry: ${run.spec.retries}\` asks: see the new check.`,
    );
  }
  if (run.launches > 1)
    said.push(
      `A container was lost, or could not begin, through no fault of the tests; Berth started another by itself (start ${run.launches}).`,
    );
  if (run.spec.untrusted && run.state !== 'skipped') {
    said.push('The code is a fork’s: it ran without secrets and without a stack.');
  }
  return said.map((sentence) => `- ${sentence}`).join('\n');
}

/** A note is a sentence, and perhaps an example of settings after an empty line. */
function noteText(note: string): string {
  const [sentence = '', ...example] = note.split('\n\n');
  if (example.length === 0) return prose(sentence);
  const block = codeBlock(cutToBytes(example.join('\n\n'), 4_000)).replaceAll('\n', '\n  ');
  return `${prose(sentence)}\n\n  ${block}\n`;
}

function facts(run: Run): string {
  if (run.state === 'skipped' || run.outcome?.errorCode === 'settings_invalid') return '';
  const took = tookSeconds(run);
  const rows: [string, string | undefined][] = [
    ['Command', codeCell(cutToBytes(run.spec.command, 300))],
    [
      'Commit',
      run.sha === undefined ? undefined : `${codeCell(run.sha.slice(0, 7))} on ${codeCell(run.spec.branch)}`,
    ],
    ['Stack', run.held === undefined ? undefined : codeCell(run.held.stackName)],
    ['Duration', took === undefined ? undefined : `${durationText(took)}${phaseTimes(run)}`],
    ['Exit code', typeof run.outcome?.exitCode === 'number' ? String(run.outcome.exitCode) : undefined],
    ['Estimated cost', run.outcome?.costUsd === undefined ? undefined : costText(run.outcome.costUsd)],
  ];
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [`| ${name} | ${value} |`]));
  return ['| | |', '|---|---|', ...known].join('\n');
}

const phaseNames = {
  fetch: 'checkout',
  setup: 'setup',
  test: 'tests',
  report: 'report',
  upload: 'upload',
} as const;

function phaseTimes(run: Run): string {
  const times = run.phases.flatMap(({ name, startedAt, finishedAt }) => {
    const seconds = finishedAt === undefined ? 0 : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
    return seconds < 0.5 ? [] : [`${phaseNames[name]} ${durationText(seconds)}`];
  });
  return times.length === 0 ? '' : ` (${times.join(', ')})`;
}

function linkLine(run: Run, { links }: CheckContext): string {
  const shown = [`[${isTerminal(run.state) ? 'Log and results' : 'Follow the log'}](${links.run})`];
  if (links.report !== undefined && run.outcome?.hasReport === true) shown.push(`[Report](${links.report})`);
  if (links.console !== undefined) shown.push(`[CloudWatch](${links.console})`);
  return shown.join(' · ');
}

function settingsNext(file = settingsPath): string {
  return file === settingsPath
    ? 'Push a commit with the settings put right. docs/settings.md explains each of them.'
    : `The mistake is not in this repository, but in the organisation’s defaults (${prose(file)}). Put them right there; the next commit here is tested by them.`;
}

function whatNext(run: Run): string {
  const retest = `press **Retest** above, or write ${inlineCode(`/retest ${run.spec.suite}`)} in a comment`;
  switch (run.state) {
    case 'failed':
      return `To run it again, ${retest}.`;
    case 'timed_out':
      return `Where the tests need longer, ${inlineCode('timeout')} in ${inlineCode(settingsPath)} gives them more. To run them again, ${retest}.`;
    case 'errored':
      return run.outcome?.errorCode === 'settings_invalid'
        ? settingsNext(run.outcome.failures[0]?.file)
        : `To try again, ${retest}. If it happens again, whoever runs Berth finds ${inlineCode(run.outcome?.errorCode ?? 'internal')} in docs/troubleshooting.md.`;
    case 'cancelled':
      return `To run it after all, ${retest}.`;
    case 'waiting':
      if (run.waiting?.reason !== 'line') return '';
      return `A stack is freed when its pull request closes, or by ${inlineCode('/release')} in a comment there.`;
    default:
      return '';
  }
}
