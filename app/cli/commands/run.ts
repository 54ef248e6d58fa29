import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { Workflow } from '../../client/api-types.ts';
import { settingsPath } from '../../core/model/repository-glance.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { collect, jsonOption, printResult, projectOption } from '../command-options.ts';
import { apiOf, type BerthApi, connectionOf, findServer, isNear } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkReportFile, keepReport, reportDirectory } from '../keep-report.ts';
import { startOwnServer } from '../own-server.ts';
import { namesRepository, planRun, type RunPlan } from '../plan-run.ts';
import { envOption, numberOption, type RunOptions, secondsOption } from '../run-options.ts';
import { showRun, writeEnd } from '../show-run.ts';
import { uploadSource } from '../upload-source.ts';
import { firstLine, visible } from '../visible-text.ts';

/** The options as typed. */
interface CommandOptions extends Omit<RunOptions, 'env' | 'timeoutSeconds'> {
  readonly env?: readonly string[];
  readonly timeout?: number;
  readonly report?: string;
  readonly local?: boolean;
  readonly cleanEnv?: boolean;
  readonly detach?: boolean;
  readonly project?: string;
  readonly json?: boolean;
}

const examples = `
Without options, in a git checkout: runs the commit that is checked out, with the first suite of its
.github/berth.yml, or with a detected command. If BERTH_URL is not set and no server on this machine accepts
your key, it starts one for this run.

Ends with the exit code of the tests. Ctrl-C cancels the run.

Examples:
  berth run
  berth run --suite unit --env NODE_ENV=test
  berth run --command "npm ci && npm test" --junit "reports/*.xml" --timeout 15m
  berth run --repo https://github.com/octocat/hello-world.git --branch main --command "make test" --detach`;

/** `berth run` */
export function addRun(program: Command, cli: CliContext): void {
  program
    .command('run')
    .description('run the tests of a commit and show their log')
    .option('--repo <url>', 'the repository to clone (default: the origin of this checkout)')
    .option('--branch <name>', 'the branch (default: the one that is checked out)')
    .option('--sha <commit>', 'the commit (default: the head of the branch)')
    .option('--command <command>', 'a shell command that runs the tests')
    .option('--setup <command>', 'a shell command to run first; if it fails, the run is errored')
    .option('--suite <name>', 'a suite of .github/berth.yml')
    .option('--stack <name>', 'hold this stack (default: any free stack)')
    .option('--no-stack', 'hold no stack')
    .option(
      '--env <name=value>',
      'an environment variable; NAME without a value takes its value from this shell; repeatable',
      collect,
    )
    .option('--timeout <duration>', 'stop the tests after this time, such as 15m', secondsOption)
    .option('--cpu <vcpus>', 'vCPUs, 0.25 to 16', numberOption('--cpu', 0.25, 16))
    .option('--memory <mib>', 'memory in MiB', numberOption('--memory', 128, 122_880))
    .option('--image <image>', 'container image')
    .option('--junit <glob>', 'paths of the JUnit XML files of the command; repeatable', collect)
    .option('--artifacts <glob>', 'files to keep with the run; repeatable', collect)
    .option('--retries <number>', 'how many times to retry failed tests', numberOption('--retries', 0, 5))
    .option('--report <file>', 'write the HTML report to this file')
    .option('--local', 'run on this machine, even if a server answers')
    .option('--clean-env', 'with --local, give the tests a clean environment instead of yours')
    .option('-d, --detach', 'print the ID of the run, and do not wait for it')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', examples)
    .action((options: CommandOptions) => run(cli, options));
}

async function run(cli: CliContext, options: CommandOptions): Promise<void> {
  const wanted = runOptionsOf(cli, options);
  // Report mistakes in options before any request.
  namesRepository(wanted);
  if (options.report !== undefined) await checkReportFile(path.resolve(cli.directory, options.report));
  const interrupted = cli.interrupts.take();
  const connection = connectionOf(cli.env, options.project);
  const api = apiOf(cli, connection);
  const server = options.local === true ? 'absent' : await findServer(api, connection);
  if (server === 'usable') {
    if (options.cleanEnv === true)
      throw usageError('--clean-env only applies to runs on this machine.', 'Add --local.');
    const plan = await planRun(cli, wanted, isNear(connection.url) ? 'near' : 'far');
    return options.detach === true ? detach(cli, api, plan, options) : attach(cli, api, plan, options);
  }
  if (server === 'foreign') writeForeign(cli, connection.url);
  refuseWithoutServer(options);
  const plan = await planRun(cli, { ...wanted, stack: false }, 'own');
  const isOwnCheckout = !namesRepository(wanted);
  const own = await startOwnServer(cli, isOwnCheckout && options.cleanEnv !== true ? 'user' : 'clean');
  try {
    if (interrupted.aborted) cli.finish(exitCodes.cancelled);
    else await attach(cli, own.api, plan, options, 'own');
  } finally {
    await own.close();
  }
}

function writeForeign({ terminal: { err }, env }: CliContext, url: string): void {
  const key = (env.BERTH_API_KEY ?? '') === '' ? 'needs a key' : 'does not accept the key of BERTH_API_KEY';
  err.write(
    `${err.colors.yellow('!')} The Berth server at ${url} ${key}, and may belong to another user. ` +
      'This run starts a separate server. To use that one, set BERTH_API_KEY to one of its keys.\n',
  );
}

/** Refuses what a server that ends with this command cannot do. */
function refuseWithoutServer(options: CommandOptions): void {
  const hint = 'Start a server with `berth serve`, or set BERTH_URL to the address of a running server.';
  if (options.detach === true)
    throw usageError('--detach needs a server that keeps running when this command ends.', hint);
  if (typeof options.stack === 'string') throw usageError('--stack needs a server that others share.', hint);
  if (options.project !== undefined) throw usageError('--project needs a server with projects.', hint);
}

function runOptionsOf({ env }: CliContext, options: CommandOptions): RunOptions {
  const { stack, timeout, env: given = [], ...others } = options;
  return {
    ...others,
    ...omitUndefined({ timeoutSeconds: timeout }),
    // commander sets true if neither --stack nor --no-stack was given.
    ...(typeof stack === 'string' || stack === false ? { stack } : {}),
    env: envOption(given, env),
  };
}

async function start(cli: CliContext, api: BerthApi, { request, upload }: RunPlan) {
  if (upload === undefined) return api.startRun(request);
  return api.startRun({ ...request, source_id: await uploadSource(cli, api, upload) });
}

async function detach(cli: CliContext, api: BerthApi, plan: RunPlan, options: CommandOptions): Promise<void> {
  if (options.report !== undefined)
    throw usageError('--report needs to wait for the run: leave out --detach.');
  writePlan(cli, plan);
  const started = await start(cli, api, plan);
  printResult(cli, options, started, () => `${started.workflow_id}\n`);
}

async function attach(
  cli: CliContext,
  api: BerthApi,
  plan: RunPlan,
  options: CommandOptions,
  server: 'own' | 'other' = 'other',
): Promise<void> {
  writePlan(cli, plan);
  const started = await start(cli, api, plan);
  const ended = await showRun(cli, api, started.workflow_id, options);
  const file = await reportFileOf(cli, api, ended, options, server);
  // The pages of the command's own server end with it.
  const shown = server === 'own' ? { ...ended, run_url: null, logs_url: null, report_url: null } : ended;
  if (options.json === true) printResult(cli, options, { ...shown, report_file: file ?? null }, () => '');
  writeEnd(cli, ended, omitUndefined({ page: shown.run_url ?? undefined, report: file }));
}

function writePlan({ terminal: { err } }: CliContext, plan: RunPlan): void {
  const { colors } = err;
  err.write(`${colors.bold(plan.heading)}\n`);
  const { setup, test_command: command } = plan.request;
  const origin = plan.origin === undefined ? '' : `  ${colors.dim(`# ${plan.origin}`)}`;
  if (setup !== undefined) err.write(`${colors.dim('$')} ${firstLine(setup)}\n`);
  err.write(`${colors.dim('$')} ${firstLine(command)}${origin}\n`);
  if (plan.settings !== undefined) {
    const lines = plan.settings.trimEnd().split('\n');
    err.write(`${colors.dim(`  To keep or change this command, commit it as ${settingsPath}:`)}\n`);
    for (const line of lines) err.write(`${colors.dim(`    ${visible(line)}`)}\n`);
  }
  for (const warning of plan.warnings) err.write(`${colors.yellow('!')} ${warning}\n`);
}

/** Saves the report where the user asked for it, and keeps the report of a server that is about to stop. */
async function reportFileOf(
  cli: CliContext,
  api: BerthApi,
  ended: Workflow,
  options: CommandOptions,
  server: 'own' | 'other',
): Promise<string | undefined> {
  if (ended.report_url === null || (options.report === undefined && server === 'other')) return undefined;
  const report = await api.report(ended.workflow_id);
  const { err } = cli.terminal;
  try {
    if (options.report === undefined)
      return await keepReport(cli, reportDirectory(cli.env), ended.workflow_id, report);
    const file = path.resolve(cli.directory, options.report);
    await writeFile(file, report);
    return file;
  } catch (error) {
    // The result of the tests matters more.
    err.write(`${err.colors.yellow('!')} The report could not be saved: ${(error as Error).message}\n`); // fs rejects with nothing else.
    return undefined;
  }
}
