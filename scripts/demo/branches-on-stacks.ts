import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runDuration, stateText, testsText } from '../../app/cli/run-text.ts';
import { table } from '../../app/cli/table.ts';
import type { Stack, Workflow } from '../../app/client/api-types.ts';
import {
  type Branch,
  type HarbourRepository,
  junitFile,
  makeHarbourRepository,
  testCommand,
} from './harbour-repository.ts';
import type { Expectation, Stage } from './stage.ts';
import { type Sight, watchRun } from './watch-run.ts';

/** Fewer stacks than branches, so that one branch waits. */
const stackCount = 2;
/** Keeps the requests in the order of the output. */
const betweenRequestsMilliseconds = 150;

interface Played {
  readonly branch: Branch;
  readonly run: Workflow;
  readonly report: string;
}

/** The first act: three branches request two stacks, and each holds one while its tests run. */
export async function branchesOnStacks(stage: Stage): Promise<readonly Expectation[]> {
  const { api, say, out } = stage;
  const { colors } = out;
  await api.changeProject(stage.projectName, { settings: { maxStacks: stackCount } });
  const repository = await makeHarbourRepository(path.join(stage.directory, 'harbour'));

  say(`${colors.bold('A repository')}  ${repository.directory}`);
  for (const { name, story } of repository.branches) say(`  ${name.padEnd(20)} ${colors.dim(story)}`);
  say();
  say(
    `${colors.bold('Three runs')}, started with POST /workflow/execute. The project has ${stackCount} stacks.`,
  );
  say();

  const tell = storyteller(stage, repository.branches);
  const begun: Promise<Played>[] = [];
  for (const branch of repository.branches) {
    // Not awaited: the response arrives when the run is launched, and the next run must request a stack before that.
    begun.push(play(stage, repository, branch, tell(branch)));
    await stage.pause(betweenRequestsMilliseconds);
  }
  const played = await Promise.all(begun);
  const stacks = await availableStacks(stage);

  say();
  out.write(summary(stage, played));
  return [
    ...played.map(asExpected),
    { what: 'two parallel runs had different stacks', isSo: somePair(played, overlapOnTwoStacks) },
    {
      what: 'one run waited and acquired a released stack',
      isSo: somePair(played, oneAfterTheOther),
    },
    {
      what: 'all stacks are available again',
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

/** Reports what happens to each branch, with the time since the start. */
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
      waiting: (position) => tell(colors.yellow(`◌ waits for a stack, position ${position}`)),
      // The runner's own lines are the same for each run. The report contains them.
      logged: (line) =>
        line.startsWith('[berth]') || line.trim() === '' || tell(`${colors.dim('│')} ${line}`),
      ended: (run) => tell(`${stateText(run.state, colors)}, releases ${run.stack_name}`),
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
  const headings = ['BRANCH', 'STACK', 'STATE', 'TESTS', 'DURATION'];
  return `${table(headings, rows, colors.dim)}\n${colors.bold('Reports')}, to open in a browser:\n${reports}`;
}

function asExpected({ branch: { name, sha, tests, failing }, run }: Played): Expectation {
  return {
    what:
      failing === 0
        ? `${name} passed with ${tests} tests`
        : `${name} failed in ${failing} of ${tests} tests, as expected`,
    isSo:
      run.state === (failing === 0 ? 'succeeded' : 'failed') &&
      run.sha === sha &&
      run.tests?.total === tests &&
      run.tests.failed === failing,
  };
}

/** Waits until all stacks are available: a stack is released just after its run has ended. */
async function availableStacks({ api, pause }: Stage): Promise<readonly Stack[]> {
  for (let look = 1; ; look += 1) {
    const { stacks } = await api.stacks();
    if (look === 600 || stacks.every(({ isAvailable }) => isAvailable)) return stacks;
    await pause(100);
  }
}

function somePair(played: readonly Played[], holds: (one: Workflow, other: Workflow) => boolean): boolean {
  return played.some((one) => played.some((other) => one !== other && holds(one.run, other.run)));
}

function overlapOnTwoStacks(one: Workflow, other: Workflow): boolean {
  return one.stack_name !== other.stack_name && startOf(one) < endOf(other) && startOf(other) < endOf(one);
}

function oneAfterTheOther(one: Workflow, other: Workflow): boolean {
  return one.stack_name === other.stack_name && endOf(one) <= startOf(other);
}

const startOf = (run: Workflow) => Date.parse(run.started_at ?? '');
const endOf = (run: Workflow) => Date.parse(run.stopped_at ?? '');
