import type { Command } from 'commander';
import type { CliContext } from '../app/cli/cli-context.ts';
import { createProgram } from '../app/cli/run-cli.ts';
import { openTerminal } from '../app/cli/terminal.ts';
import { betweenMarks } from './between-marks.ts';

const columns = 100;
const marks = ['<!-- help: begin -->', '<!-- help: end -->'] as const;

/** Returns a page with the help of every command between its marks. */
export function withHelp(text: string): string {
  return betweenMarks(text, marks, helpOfAll().trimEnd());
}

/** Returns the output of `--help` for each command. */
function helpOfAll(): string {
  let written = '';
  const stream = {
    write: (text: string) => {
      written += text;
    },
    columns,
  };
  const program = createProgram(contextForHelp(openTerminal({ stdout: stream, stderr: stream, env: {} })));
  const sections = withChildren(program).map(({ command, name }) => {
    written = '';
    command.outputHelp();
    return `\n## \`${name}\`\n\n\`\`\`text\n${written.trimEnd()}\n\`\`\`\n`;
  });
  return sections.join('');
}

function withChildren(command: Command, parent = ''): { command: Command; name: string }[] {
  const name = `${parent} ${command.name()}`.trim();
  return [{ command, name }, ...command.commands.flatMap((child) => withChildren(child, name))];
}

/** Returns a context that fails on use: printing help does nothing else. */
export function contextForHelp(terminal: CliContext['terminal']): CliContext {
  const never = () => {
    throw new Error('help does nothing');
  };
  return {
    version: '',
    terminal,
    env: {},
    directory: '/',
    transport: { fetch: never, sleep: never, now: never, random: never },
    git: never,
    interrupts: { take: never },
    unique: never,
    guardOwnServer() {},
    makeDirectory: async () => {},
    isolatedEnvironment: never,
    prune: never,
    createKeyOffline: never,
    startServer: never,
    runDoctor: never,
    manageAws: never,
    finish: never,
  };
}
