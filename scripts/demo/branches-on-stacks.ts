import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunDetails, StackAnswer } from '../../app/cli/api-answers.ts';
import { runDuration, stateText, testsText } from '../../app/cli/run-text.ts';
import { table } from '../../app/cli/table.ts';
import {
  type Branch,
  type HarbourRepository,
  junitFile,
  makeHarbourRepository,
  testCommand,
} from './harbour-repository.ts';
import type { Expectation, Stage } from './stage.ts';
import { type Sight, watchRun } from './watch-run.ts';

/** Fewer than there are branches, so that one has to wait. */
const stackCount = 2;
/** So that they ask in the order in which they are told of. */
const betweenRequestsMilliseconds = 150;

interface Played {
  readonly branch: Branch;
  readonly run: RunDetails;
  readonly report: string;
}

/** The first act: three branches ask for two stacks, and each gets one for as long as its tests run. */
export async function branchesOnStacks(stage: Stage): Promise<readonly Expectation[]> {
  const { api, say, out } = stage;
  const { colors } = out;
  await api.changeProject(stage.projectName, { maxStacks: stackCount });
  const repository = await makeHarbourRepository(path.join(stage.directory, 'harbour'));

  say(`${colors.bold('A repository')}  ${repository.directory}`);
  for (const { name, story } of repository.branches) say(`  ${name.padEnd(20)} ${colors.dim(story)}`);
  say();
  say(
    `${colors.bold('Three runs')}, asked for by POST /workflow/execute; the project has ${stackCount} stacks.`,
  );
  say();

  const tell = storyteller(stage, repository.branches);
  const begun: Promise<Played>[] = [];
  for (const branch of repository.branches) {
    // Not awaited: an answer takes until the run is launched, and the next should ask for a stack meanwhile.
    begun.push(play(stage, repository, branch, tell(branch)));
    await stage.pause(betweenRequestsMilliseconds);
  }
  const played = await Promise.all(begun);
  const stacks = await stacksAtRest(stage);

  say();
  out.write(summary(stage, played));
  return [
    ...played.map(asExpected),
    { what: 'two runs at once had stacks of their own', isSo: somePair(played, atOnceOnTwoStacks) },
    {
      what: 'one run waited, and took a stack that was given back',
      isSo: somePair(played, oneAfterTheOther),
    },
    {
      what: 'all stacks are free again',
      isSo: stacks.length === stackCount && stacks.every(({ isAvailable }) => isAvailable),
    },
  ];
}

async function play(stage: Stage, { url }: HarbourRepository, branch: Branch, sight: Sight): Promise<Played> {
  const { workflow_id: id } = await stage.api.startRun({
    repo_url: url,
    branch: branch.name,
    sha: branch.sha,
    test_command: testCommand,
    junit: [junitFile],
    idempotency_key: branch.sha,
  });
  const run = await watchRun(stage, id, sight);
  const directory = path.join(stage.directory, 'reports');
  await mkdir(directory, { recursive: true });
  const report = path.join(directory, `${branch.name.replaceAll('/', '-')}.html`);
  await writeFile(report, await stage.api.report(id));
  return { branch, run, report };
}

/** Tells what happens to each branch, with the time since the beginning. */
function storyteller(
  { say, out: { colors } }: Stage,
  branches: readonly Branch[],
): (branch: Branch) => Sight {
  const begin = performance.now();
  const width = Math.max(...branches.map(({ name }) => name.length));
  return ({ name }) => {
    const tell = (text: string) => {
      const time = `${((performance.now() - begin) / 1000).toFixed(1)} s`.padStart(7);
      say(`${colors.dim(time)}  ${name.padEnd(width)}  ${text}`);
    };
    return {
      held: (stackName) => tell(colors.cyan(`▶ holds ${stackName}`)),
      waiting: (position) => tell(colors.yellow(`◌ waits for a stack, number ${position} in line`)),
      // What the runner says of itself is the same for each; the report has it.
      logged: (line) =>
        line.startsWith('[berth]') || line.trim() === '' || tell(`${colors.dim('│')} ${line}`),
      ended: (run) => tell(`${stateText(run.state, colors)}, gives ${run.stack_name} back`),
    };
  };
}

function summary({ out: { colors } }: Stage, played: readonly Played[]): string {
  const now = new Date();
  const rows = played.map(({ branch, run }) => [
    branch.name,
    run.stack_name ?? '',
    stateText(run.state, colors),
    testsText(run.tests),
    runDuration(run, now),
  ]);
  const reports = played.map(({ report }) => `  ${report}\n`).join('');
  const headings = ['BRANCH', 'STACK', 'STATE', 'TESTS', 'TOOK'];
  return `${table(headings, rows, colors.dim)}\n${colors.bold('Reports')}, each a page of its own to open in a browser:\n${reports}`;
}

function asExpected({ branch: { name, sha, tests, failing }, run }: Played): Expectation {
  return {
    what:
      failing === 0
        ? `${name} passed with ${tests} tests`
        : `${name} failed, as it has to, in ${failing} tests of ${tests}`,
    isSo:
      run.state === (failing === 0 ? 'succeeded' : 'failed') &&
      run.sha === sha &&
      run.tests?.total === tests &&
      run.tests.failed === failing,
  };
}

/** A stack is given back in the moment after its run has ended. */
async function stacksAtRest({ api, pause }: Stage): Promise<readonly StackAnswer[]> {
  for (let look = 1; ; look += 1) {
    const { stacks } = await api.stacks();
    if (look === 600 || stacks.every(({ isAvailable }) => isAvailable)) return stacks;
    await pause(100);
  }
}

function somePair(
  played: readonly Played[],
  holds: (one: RunDetails, other: RunDetails) => boolean,
): boolean {
  return played.some((one) => played.some((other) => one !== other && holds(one.run, other.run)));
}

function atOnceOnTwoStacks(one: RunDetails, other: RunDetails): boolean {
  return one.stack_name !== other.stack_name && startOf(one) < endOf(other) && startOf(other) < endOf(one);
}

function oneAfterTheOther(one: RunDetails, other: RunDetails): boolean {
  return one.stack_name === other.stack_name && endOf(one) <= startOf(other);
}

const startOf = (run: RunDetails) => Date.parse(run.started_at ?? '');
const endOf = (run: RunDetails) => Date.parse(run.stopped_at ?? '');
