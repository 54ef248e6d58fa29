import { execFileSync } from 'node:child_process';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../test/helpers/github-stand-in/start-github-stand-in.ts';
import { branchesOnStacks } from './branches-on-stacks.ts';
import { pullRequestOnGithub } from './pull-request-on-github.ts';
import { type Expectation, openStage, type Stage } from './stage.ts';

/** Runs Berth on this machine and checks the results. */
async function demo(): Promise<number> {
  if (!hasGit()) {
    process.stderr.write('The demo needs git: https://git-scm.com/downloads\n');
    return 1;
  }
  const github = await startGithubStandIn();
  const stage = await openStage(githubEnvironment(github));
  // The acts run in this order, on one server.
  const acts = [branchesOnStacks, pullRequestOnGithub(github)];
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
    await github.close();
  }
}

/** Returns the variables that connect the server to the GitHub test server. */
function githubEnvironment({ identity, host }: GithubStandIn): Record<string, string> {
  return {
    APP_ID: String(identity.appId),
    PRIVATE_KEY: identity.privateKey,
    WEBHOOK_SECRET: identity.webhookSecret,
    GHE_HOST: host,
    GHE_PROTOCOL: 'http',
  };
}

function verdict(
  { say, out: { colors }, dataDir, apiKey }: Stage,
  expectations: readonly Expectation[],
): number {
  for (const { what, isSo } of expectations) say(`${isSo ? colors.green('✔') : colors.red('✖')} ${what}`);
  say();
  say(`${colors.bold('To look at the results again')}, start a server on the demo's data:`);
  say(`  BERTH_DATA_DIR=${dataDir} npm start`);
  say(`  ${colors.dim('its key:')} ${apiKey}`);
  return expectations.every(({ isSo }) => isSo) ? 0 : 1;
}

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Git is missing or not executable.
    return false;
  }
}

process.exitCode = await demo();
