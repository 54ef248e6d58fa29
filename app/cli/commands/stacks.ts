import type { Command } from 'commander';
import type { HeldStack, PlaceInLine, Stack, StackRequest } from '../../client/api-types.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { jsonOption, printResult, projectOption } from '../command-options.ts';
import { type BerthApi, connect } from '../connect.ts';
import { defaultCommand } from '../default-command.ts';
import { createProgressLine } from '../progress-line.ts';
import { numberOption, secondsOption } from '../run-options.ts';
import { table } from '../table.ts';
import { ageText } from '../time-text.ts';
import { cut, visible } from '../visible-text.ts';

interface CommonOptions {
  readonly project?: string;
  readonly json?: boolean;
}

/** A place in the queue expires two minutes after the last request for it. */
const askEveryMilliseconds = 2_000;

/** `berth stacks` */
export function addStacks(program: Command, cli: CliContext): void {
  const stacks = program
    .command('stacks')
    .description('list, acquire, release or delete stacks')
    .addHelpText(
      'after',
      '\nExamples:\n  berth stacks\n  STACK=$(berth stacks request --branch feature/login --wait)\n  berth stacks release "$STACK"',
    );
  addList(stacks, cli);
  addRequest(stacks, cli);
  addRelease(stacks, cli);
  addSetDeployed(stacks, cli);
  addDeleteLast(stacks, cli);
}

function addList(stacks: Command, cli: CliContext): void {
  defaultCommand(stacks, 'list')
    .description('list the stacks of a project')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: CommonOptions) => {
      const answer = await connect(cli, options).stacks();
      printResult(cli, options, answer, () => stackTable(answer.stacks, cli));
    });
}

function stackTable(stacks: readonly Stack[], { terminal, transport }: CliContext): string {
  if (stacks.length === 0) return 'No stacks yet: the first request makes one.\n';
  const { colors } = terminal.out;
  const rows = stacks.map((stack) => [
    stack.stackName,
    stack.isAvailable ? colors.green('free') : colors.yellow('held'),
    cut(visible(stack.branch), 40),
    visible(stack.heldBy ?? ''),
    stack.heldSince === null ? '' : ageText(new Date(stack.heldSince), transport.now()),
    stack.leaseUntil ?? '',
    stack.lastDeployedCommit?.slice(0, 12) ?? '',
  ]);
  return table(['STACK', 'STATE', 'BRANCH', 'HELD BY', 'SINCE', 'LEASE UNTIL', 'DEPLOYED'], rows, colors.dim);
}

interface RequestOptions extends CommonOptions {
  readonly branch: string;
  readonly holder?: string;
  readonly wait?: boolean;
  readonly lease?: number;
}

function addRequest(stacks: Command, cli: CliContext): void {
  stacks
    .command('request')
    .description('take a stack for a branch, and print its name')
    .option('--branch <name>', 'the branch', 'main')
    .option('--holder <name>', 'who holds it; the same holder gets the same stack again')
    .option('--wait', 'wait in line where no stack is free')
    .option('--lease <duration>', 'give it back by itself after this time, such as 2h', secondsOption)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: RequestOptions) => {
      const api = connect(cli, options);
      const held = await requestUntilHeld(
        cli,
        api,
        omitUndefined({
          branch: options.branch,
          // A unique holder lets the client repeat a request whose answer was lost.
          holder: options.holder ?? `berth-cli-${cli.unique()}`,
          wait: options.wait === true,
          leaseSeconds: options.lease,
        }),
      );
      printResult(cli, options, held, () => `${held.stackName}\n`);
    });
}

async function requestUntilHeld(
  cli: CliContext,
  api: BerthApi,
  request: StackRequest & { readonly holder: string },
): Promise<HeldStack> {
  const progress = createProgressLine(cli.terminal.err);
  for (;;) {
    const answer = await api.requestStack(request);
    progress.clear();
    if (isHeld(answer)) return answer;
    progress.show(`number ${answer.position} in line for a stack`);
    await cli.transport.sleep(askEveryMilliseconds);
  }
}

function isHeld(answer: HeldStack | PlaceInLine): answer is HeldStack {
  return 'stackName' in answer;
}

function addRelease(stacks: Command, cli: CliContext): void {
  stacks
    .command('release')
    .description('give a stack back')
    .argument('<stack>', 'name of the stack')
    .option(
      '--token <number>',
      'release only this hold: the lockToken of its request',
      numberOption('--token', 1, 1e9),
    )
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (name: string, options: CommonOptions & { token?: number }) => {
      const answer = await connect(cli, options).releaseStack(
        omitUndefined({ stackName: name, lockToken: options.token }),
      );
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}

function addSetDeployed(stacks: Command, cli: CliContext): void {
  stacks
    .command('set-deployed')
    .description('note which commit was deployed to a stack')
    .argument('<stack>', 'name of the stack')
    .argument('<commit>', 'the commit')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (name: string, commit: string, options: CommonOptions) => {
      const answer = await connect(cli, options).setLastDeployedCommit({
        stackName: name,
        lastDeployedCommit: commit,
      });
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}

function addDeleteLast(stacks: Command, cli: CliContext): void {
  stacks
    .command('delete-last')
    .description('delete the stack with the highest number; what was deployed to it is not touched')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: CommonOptions) => {
      const answer = await connect(cli, options).deleteLastStack();
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}
