import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunDetails, StackAnswer } from '../../app/cli/api-answers.ts';
import { runDuration, stateText, testsText } from '../../app/cli/run-text.ts';
import { table } from '../../app/cli/table.ts';
import { type Branch, junitFile, makeHarbourRepository, testCommand } from './harbour-repository.ts';
import type { Expectation, Stage } from './stage.ts';
import { type Sight, watchRun } from './watch-run.ts';

/** Fewer than there are branches, so that one has to wait. */
const stackCount = 2;

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
  const watched: Promise<Played>[] = [];
  for (const branch of repository.branches) {
    const { workflow_id: id } = await api.startRun({
      repo_url: repository.url,
      branch: branch.name,
      sha: branch.sha,
      test_command: testCommand,
      junit: [junitFile],
      idempotency_key: branch.sha,
    });
    watched.push(play(stage, branch, id, tell(branch)));
  }
  const played = await Promise.all(watched);
  const stacks = await stacksAtRest(stage);

  say();
  out.write(summary(stage, played));
  return [
    ...played.map(asExpected),
    {
      what: 'two branches ran at once, on stacks of their own',
      isSo: stacksOf(played.slice(0, 2)).size === 2,
    },
    { what: 'the third waited, and took a stack that was given back', isSo: tookOver(played) },
    {
      what: 'all stacks are free again',
      isSo: stacks.length === stackCount && stacks.every(({ isAvailable }) => isAvailable),
    },
  ];
}

async function play(stage: Stage, branch: Branch, id: string, sight: Sight): Promise<Played> {
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
    if (look === 50 || stacks.every(({ isAvailable }) => isAvailable)) return stacks;
    await pause(100);
  }
}

function stacksOf(played: readonly Played[]): ReadonlySet<string | null> {
  return new Set(played.map(({ run }) => run.stack_name));
}

/** The last run began after one of the others had ended, on the stack of that one. */
function tookOver(played: readonly Played[]): boolean {
  const last = played.at(-1)?.run;
  if (last?.started_at == null) return false;
  const start = Date.parse(last.started_at);
  return played
    .slice(0, -1)
    .some(({ run }) => run.stack_name === last.stack_name && Date.parse(run.stopped_at ?? '') <= start);
}
