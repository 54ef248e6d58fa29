import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { type CommonOptions, jsonOption, printResult, projectOption } from '../command-options.ts';
import { connect } from '../connect.ts';
import { defaultCommand } from '../default-command.ts';
import { soleProject } from '../sole-project.ts';
import { table } from '../table.ts';
import { visible } from '../visible-text.ts';

/** `berth projects` */
export function addProjects(program: Command, cli: CliContext): void {
  const projects = program
    .command('projects')
    .description('list, create and change projects')
    .addHelpText(
      'after',
      '\nSettings: prefix, maxStacks, initialCommit, maxActiveRuns, reclaimAfterSeconds and others; see docs/api.md.\n\nExamples:\n  berth projects create web-shop maxStacks=20\n  berth projects set --project web-shop reclaimAfterSeconds=3600 initialCommit=null',
    );
  defaultCommand(projects, 'list')
    .description('list the projects that your key may see')
    .addOption(jsonOption())
    .action(async (options: CommonOptions) => {
      const all = await connect(cli).allProjects();
      printResult(cli, options, { projects: all }, () => {
        const rows = all.map(({ id, name, settings }) => [
          id,
          visible(name),
          settings.prefix ?? '',
          settings.maxStacks == null ? 'no limit' : String(settings.maxStacks),
          String(settings.maxActiveRuns),
        ]);
        return table(
          ['ID', 'NAME', 'STACK PREFIX', 'MAX STACKS', 'MAX ACTIVE RUNS'],
          rows,
          cli.terminal.out.colors.dim,
        );
      });
    });
  projects
    .command('create')
    .description('create a project')
    .argument('<name>', 'its name, from which its ID is derived')
    .argument('[setting=value...]', 'settings')
    .addOption(jsonOption())
    .action(async (name: string, settings: string[], options: CommonOptions) => {
      const project = await connect(cli).createProject({ name, settings: settingsOf(settings) });
      printResult(cli, options, project, () => `${project.id}\n`);
    });
  projects
    .command('set')
    .description('change settings; null resets a setting to its default')
    .argument('<setting=value...>', 'settings')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (settings: string[], options: CommonOptions) => {
      const changes = settingsOf(settings);
      const api = connect(cli, options);
      const project = await api.changeProject(await soleProject(api), { settings: changes });
      printResult(cli, options, project, () => `${JSON.stringify(project.settings, null, 2)}\n`);
    });
}

/** Parses `name=value`; the value is JSON if it parses as JSON, and text otherwise. @throws CliError `usage`. */
function settingsOf(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw usageError(`Invalid setting '${visible(pair)}'.`, 'Use name=value.');
      return [pair.slice(0, equals), settingValue(pair.slice(equals + 1))];
    }),
  );
}

function settingValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: text, so that it needs no second pair of quotes.
    return text;
  }
}
