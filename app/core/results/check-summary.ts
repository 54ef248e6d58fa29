import { firstFailureText } from '../../lib/failure-text.ts';
import { costText, durationText, momentText, ordinal } from '../../lib/format.ts';
import { codeBlock, codeCell, cutToBytes, inlineCode, prose } from '../../lib/markdown.ts';
import type { CheckContext } from '../model/check-view.ts';
import { settingsPath } from '../model/repository-glance.ts';
import { hasRetry, type Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { tookSeconds } from './check-headline.ts';
import { awaitedDeploy, deployStory, outputTable } from './deploy-check.ts';
import { teardownStory } from './teardown-check.ts';

/** Writes the first screen of a check: what happened, the first failure, what to do, and the facts. */
export function checkSummary(run: Run, context: CheckContext): string {
  const parts = [
    run.spec.teardownOf === undefined ? story(run, context) : teardownStory(run),
    firstFailure(run),
    remarks(run),
    outputTable(run),
    facts(run),
    linkLine(run, context),
    run.spec.teardownOf === undefined ? whatNext(run) : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function story(run: Run, context: CheckContext): string {
  const deploying = run.spec.deploy === undefined ? undefined : deployStory(run);
  if (deploying !== undefined) return deploying;
  const outcome = prose(cutToBytes(run.outcome?.summary ?? '', 3_000));
  switch (run.state) {
    case 'queued':
      if (run.waiting !== undefined || awaitedDeploy(run) !== undefined) return waitingStory(run, context);
      return 'This suite starts as soon as possible. You do not need to do anything.';
    case 'waiting':
      return waitingStory(run, context);
    case 'provisioning':
      return 'Berth is starting a fresh container for this run. This can take a minute or two.';
    case 'running':
      return 'The tests are running. Follow the log on the page of the run.';
    case 'errored':
      if (isNeedMissing(run)) return `**${outcome}**`;
      return run.outcome?.errorCode === 'settings_invalid'
        ? 'The settings have mistakes, so no suite ran. Each mistake is listed below and marked in the file.'
        : `**The tests did not finish. This is not a result for the change.** ${outcome}`;
    case 'skipped':
      return run.outcome?.errorCode === 'not_approved'
        ? outcome
        : `${outcome} The check is neutral, so it does not block the pull request.`;
    default:
      return `**${outcome}**`;
  }
}

/** Whether a run did not begin because a deployment or a suite that it needs failed. */
function isNeedMissing({ outcome }: Run): boolean {
  return outcome?.errorCode === 'deploy_failed' || outcome?.errorCode === 'needed_suite_failed';
}

function waitingStory(run: Run, { holders = [] }: CheckContext): string {
  if (run.waiting?.reason === 'suite') {
    const needed = inlineCode(`berth/${run.waiting.suite ?? ''}`);
    return `This suite needs ${needed} (\`needs\`). It starts automatically when that has passed.`;
  }
  if (run.waiting?.reason === 'turn') {
    return 'Another run of this branch is using the stack, and one of the two needs it exclusively. This run starts automatically afterwards.';
  }
  const deploy = awaitedDeploy(run);
  if (deploy !== undefined) {
    const what = run.spec.deploy === undefined ? 'suite' : 'deployment';
    return `This ${what} needs what ${inlineCode(`berth/${deploy}`)} deploys. It starts automatically when that has succeeded.`;
  }
  const place =
    run.waiting?.position === undefined
      ? ''
      : ` This run is the **${ordinal(run.waiting.position)} in the queue**.`;
  if (run.waiting?.reason === 'capacity') {
    const { group } = run.waiting;
    const limit =
      group === undefined
        ? 'The limit of parallel tasks is reached.'
        : `The limit of parallel runs of the group ${inlineCode(group)} is reached (\`concurrency\`).`;
    return `${limit}${place} It starts automatically when other runs finish. Waiting is not a failure.`;
  }
  const intro = `All stacks (the test environments that the branches of this repository share) are in use.${place} It starts automatically when a stack is free. Waiting is not a failure.`;
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
  // The details have the complete message; here it must leave room for the rest of the screen.
  return firstFailureText(first);
}

/** Lists unusual facts about the run, in a sentence each. */
function remarks(run: Run): string {
  const said: string[] = [];
  if (run.spec.note !== undefined) said.push(noteText(run.spec.note));
  if (run.state === 'succeeded' && run.attempt > 1) {
    said.push(`The tests passed only on attempt ${run.attempt}. They may be flaky.`);
  }
  const passed = run.outcome?.passedOnRetry ?? [];
  if (passed.length > 0) said.push(`Passed on retry, so flaky: ${flakyNames(passed, run)}.`);
  if (hasRetry(run)) {
    said.push(`Berth retries them automatically (\`retry: ${run.spec.retries}\`). See the new check.`);
  }
  if (run.launches > 1)
    said.push(
      `Infrastructure failure: a container was lost or did not start. Berth started another one (start ${run.launches}).`,
    );
  if (run.spec.untrusted && run.state !== 'skipped') {
    said.push('The code comes from a fork, so it ran without secrets and without a stack.');
  }
  return said.map((sentence) => `- ${sentence}`).join('\n');
}

const mostFlakyNames = 5;

function flakyNames(passed: readonly string[], { outcome }: Run): string {
  const shown = passed.slice(0, mostFlakyNames).map((name) => inlineCode(cutToBytes(name, 200)));
  const more = Math.max(passed.length, outcome?.tests?.flaky ?? 0) - shown.length;
  return more > 0 ? `${shown.join(', ')}, and ${more} more` : shown.join(', ');
}

/** A note is a sentence, optionally followed by an empty line and an example of settings. */
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
    ? 'Fix the settings and push a commit. docs/settings.md explains each setting.'
    : `The mistake is in the defaults of the organization (${prose(file)}), not in this repository. Fix it there, then push a commit here.`;
}

function whatNext(run: Run): string {
  const retest = `press **Retest** above, or comment ${inlineCode(`/retest ${run.spec.suite}`)}`;
  const failed = run.outcome?.tests?.failed ?? 0;
  switch (run.state) {
    case 'failed':
      return failed > 0 && run.spec.deploy === undefined
        ? `To run only the failed tests again, press **Retest failed tests** above, or comment ${inlineCode('/retest failed')}. To run all of them, ${retest}.`
        : `To run it again, ${retest}.`;
    case 'timed_out':
      return `If the tests need more time, raise ${inlineCode('timeout')} in ${inlineCode(settingsPath)}. To run them again, ${retest}.`;
    case 'errored':
      if (isNeedMissing(run)) return '';
      return run.outcome?.errorCode === 'settings_invalid'
        ? settingsNext(run.outcome.failures[0]?.file)
        : `To try again, ${retest}. If it happens again, ask the administrator of Berth: docs/troubleshooting.md explains ${inlineCode(run.outcome?.errorCode ?? 'internal')}.`;
    case 'cancelled':
      return `To run it anyway, ${retest}.`;
    case 'waiting':
      if (run.waiting?.reason !== 'line') return '';
      return `A pull request releases its stack when it closes, or with the comment ${inlineCode('/release')}.`;
    default:
      return '';
  }
}
