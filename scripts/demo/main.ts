import { execFileSync } from 'node:child_process';
import { branchesOnStacks } from './branches-on-stacks.ts';
import { type Expectation, openStage, type Stage } from './stage.ts';

/** Plays in this order, on one stage. */
const acts: readonly ((stage: Stage) => Promise<readonly Expectation[]>)[] = [branchesOnStacks];

/** Shows Berth at work on this machine, and checks that what happened is what should have. */
async function demo(): Promise<number> {
  if (!hasGit()) {
    process.stderr.write('The demo needs git: https://git-scm.com/downloads\n');
    return 1;
  }
  const stage = await openStage();
  const { say, out } = stage;
  try {
    say(`${out.colors.bold('A server')}      ${stage.url}  ${out.colors.dim(stage.executorReason)}`);
    say();
    const expectations: Expectation[] = [];
    for (const act of acts) expectations.push(...(await act(stage)));
    say();
    return verdict(stage, expectations);
  } finally {
    await stage.close();
  }
}

function verdict(
  { say, out: { colors }, dataDir, apiKey }: Stage,
  expectations: readonly Expectation[],
): number {
  for (const { what, isSo } of expectations) say(`${isSo ? colors.green('✔') : colors.red('✖')} ${what}`);
  say();
  say(`${colors.bold('To look again')}, start a server on what the demo left:`);
  say(`  BERTH_DATA_DIR=${dataDir} npm start`);
  say(`  ${colors.dim('its key:')} ${apiKey}`);
  return expectations.every(({ isSo }) => isSo) ? 0 : 1;
}

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not there, or not to be run: the same to the demo.
    return false;
  }
}

process.exitCode = await demo();
