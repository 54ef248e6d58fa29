import type { Command } from 'commander';
import type { HeldStack, PlaceInLine, Stack, StackRequest } from '../../client/api-types.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { type CommonOptions, jsonOption, printResult, projectOption } from '../command-options.ts';
import { type BerthApi, connect } from '../connect.ts';
import { defaultCommand } from '../default-command.ts';
import { createProgressLine } from '../progress-line.ts';
import { numberOption, secondsOption } from '../run-options.ts';
import { deployedText, dirtyText, reservationText, stackDetails, stateText, timeOf } from '../stack-text.ts';
import { table } from '../table.ts';
import { ageText } from '../time-text.ts';
import { cut, visible } from '../visible-text.ts';

/** A place in the queue expires two minutes after the last request for it. */
const askEveryMilliseconds = 2_000;

/** `berth stacks` */
export function addStacks(program: Command, cli: CliContext): void {
  const stacks = program
    .command('stacks')
    .description('list, show, acquire, release, reserve, clean or delete stacks')
    .addHelpText(
      'after',
      '\nExamples:\n  berth stacks\n  STACK=$(berth stacks request --branch feature/login --wait)\n  berth stacks release "$STACK"',
    );
  addList(stacks, cli);
  addShow(stacks, cli);
  addRequest(stacks, cli);
  addRelease(stacks, cli);
  addSetDeployed(stacks, cli);
  addNamed(stacks, cli, clean);
  addNamed(stacks, cli, tearDown);
  addReserve(stacks, cli);
  addNamed(stacks, cli, unreserve);
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

function addShow(stacks: Command, cli: CliContext): void {
  stacks
    .command('show')
    .description('show a stack: its holder, deployment, outputs, cost, and history')
    .argument('<stack>', 'name of the stack')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (name: string, options: CommonOptions) => {
      const api = connect(cli, options);
      const [stack, history] = await Promise.all([api.stack(name), api.stackHistory(name)]);
      const { colors } = cli.terminal.out;
      printResult(cli, options, { ...stack, ...history }, () =>
        stackDetails(stack, history, { colors, now: cli.transport.now() }),
      );
    });
}

function stackTable(stacks: readonly Stack[], { terminal, transport }: CliContext): string {
  if (stacks.length === 0) return 'No stacks yet. Berth creates one for the first request.\n';
  const { colors } = terminal.out;
  const rows = stacks.map((stack) => [
    stack.stackName,
    stateText(stack, colors),
    cut(visible(stack.branch), 40),
    visible(stack.heldBy ?? ''),
    stack.heldSince === null ? '' : ageText(new Date(stack.heldSince), transport.now()),
    timeOf(stack.leaseUntil),
    deployedText(stack, transport.now()),
    visible(dirtyText(stack) || reservationText(stack) || (stack.url ?? '')),
  ]);
  const heads = ['STACK', 'STATE', 'BRANCH', 'HELD BY', 'SINCE', 'LEASE UNTIL', 'DEPLOYED', 'NOTE'];
  return table(heads, rows, colors.dim);
}

/** A command that has only the name of a stack. */
interface NamedCommand {
  readonly name: string;
  readonly description: string;
  readonly call: (api: BerthApi, stackName: string) => Promise<Stack>;
  readonly text: (stack: Stack) => string;
}

const clean: NamedCommand = {
  name: 'clean',
  description: 'mark a stack as clean after its teardown failed',
  call: (api, stackName) => api.cleanStack({ stackName }),
  text: ({ stackName }) => `Stack ${stackName} is clean`,
};

const tearDown: NamedCommand = {
  name: 'teardown',
  description: 'run the teardown of a dirty stack again',
  call: (api, stackName) => api.tearDownStack({ stackName }),
  text: ({ stackName }) => `The teardown of ${stackName} has started`,
};

const unreserve: NamedCommand = {
  name: 'unreserve',
  description: 'end the reservation of a stack',
  call: (api, stackName) => api.unreserveStack({ stackName }),
  text: ({ stackName }) => `The reservation of stack ${stackName} has ended`,
};

function addNamed(stacks: Command, cli: CliContext, { name, description, call, text }: NamedCommand): void {
  stacks
    .command(name)
    .description(description)
    .argument('<stack>', 'name of the stack')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (stackName: string, options: CommonOptions) => {
      const stack = await call(connect(cli, options), stackName);
      printResult(cli, options, stack, () => `${text(stack)}\n`);
    });
}

function addReserve(stacks: Command, cli: CliContext): void {
  stacks
    .command('reserve')
    .description('reserve a stack until a time: it stays unchanged, and no other holder gets it')
    .argument('<stack>', 'name of the stack')
    .argument('<time>', 'how long, such as 2h or 3d', secondsOption)
    .argument('<reason...>', 'why, such as: demo for sales')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (name: string, seconds: number, reason: readonly string[], options: CommonOptions) => {
      const api = connect(cli, options);
      const stack = await api.reserveStack({ stackName: name, seconds, reason: reason.join(' ') });
      const until = timeOf(stack.reservation?.until ?? null);
      printResult(cli, options, stack, () => `Stack ${stack.stackName} is reserved until ${until}\n`);
    });
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
    .description('acquire a stack for a branch, and print its name')
    .option('--branch <name>', 'the branch', 'main')
    .option('--holder <name>', 'the holder; the same holder gets the same stack again')
    .option('--wait', 'wait in the queue if no stack is free')
    .option('--lease <duration>', 'release it automatically after this time, such as 2h', secondsOption)
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
    // 0 is an estimate that has passed.
    const minutes = Math.ceil((answer.estimatedSeconds ?? 0) / 60);
    const wait = minutes > 0 ? `, about ${minutes} min left` : '';
    progress.show(`position ${answer.position} in the queue for a stack${wait}`);
    await cli.transport.sleep(askEveryMilliseconds);
  }
}

function isHeld(answer: HeldStack | PlaceInLine): answer is HeldStack {
  return 'stackName' in answer;
}

function addRelease(stacks: Command, cli: CliContext): void {
  stacks
    .command('release')
    .description('release a stack')
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
    .description('record which commit was deployed to a stack')
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
    .description('delete the stack with the highest number; its deployed resources stay')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: CommonOptions) => {
      const answer = await connect(cli, options).deleteLastStack();
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}
