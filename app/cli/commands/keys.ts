import { type Command, Option } from 'commander';
import type { MintedKey } from '../../client/api-types.ts';
import { type Scope, scopes } from '../../core/model/project.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { type CommonOptions, jsonOption, printResult, projectOption } from '../command-options.ts';
import { connect } from '../connect.ts';
import { defaultCommand } from '../default-command.ts';
import { soleProject } from '../sole-project.ts';
import { table } from '../table.ts';
import { ageText } from '../time-text.ts';
import { visible } from '../visible-text.ts';

/** `berth keys` */
export function addKeys(program: Command, cli: CliContext): void {
  const keys = program
    .command('keys')
    .description('list, create, replace and revoke API keys')
    .addHelpText(
      'after',
      '\nA key is printed only when it is created: the server keeps its hash.\n\nExamples:\n  berth keys create "nightly builds" --scope run\n  berth keys rotate 0a1b2c3d4e5f\n  berth keys revoke 0a1b2c3d4e5f\n  berth keys create admin --scope admin --all-projects --offline   # the first key is lost',
    );
  addList(keys, cli);
  addCreate(keys, cli);
  addRotate(keys, cli);
  addRevoke(keys, cli);
}

function addList(keys: Command, cli: CliContext): void {
  defaultCommand(keys, 'list')
    .description('list the keys of a project')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: CommonOptions) => {
      const api = connect(cli, options);
      const answer = await api.keys(await soleProject(api));
      const now = cli.transport.now();
      printResult(cli, options, answer, () => {
        const rows = answer.keys.map((key) => [
          key.id,
          visible(key.name),
          key.scope,
          key.allProjects ? 'all' : 'this',
          ageText(new Date(key.created), now),
          key.revoked === null ? '' : ageText(new Date(key.revoked), now),
        ]);
        const headings = ['ID', 'NAME', 'SCOPE', 'PROJECTS', 'CREATED', 'REVOKED'];
        return table(headings, rows, cli.terminal.out.colors.dim);
      });
    });
}

interface CreateOptions extends CommonOptions {
  readonly scope: Scope;
  readonly allProjects?: boolean;
  readonly offline?: boolean;
  readonly dataDir?: string;
}

function addCreate(keys: Command, cli: CliContext): void {
  keys
    .command('create')
    .description('create a key and print it')
    .argument('<name>', 'the name of its user, shown with the runs that it starts')
    .addOption(
      new Option(
        '--scope <scope>',
        'read: view; run: also start and cancel runs, and acquire stacks; admin: everything',
      )
        .choices(scopes)
        .default('run'),
    )
    .option('--all-projects', 'for every project, and to create projects')
    .option('--offline', 'write to the data directory, without a key; stop the server first')
    .option('--data-dir <directory>', 'the data directory for --offline (BERTH_DATA_DIR, default .berth)')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (name: string, options: CreateOptions) => {
      if (options.offline === true) return createOffline(cli, name, options);
      if (options.dataDir !== undefined) throw usageError('--data-dir needs --offline.');
      const api = connect(cli, options);
      const key = await api.createKey(await soleProject(api), {
        name,
        scope: options.scope,
        allProjects: options.allProjects === true,
      });
      printKey(cli, options, key);
    });
}

async function createOffline(cli: CliContext, name: string, options: CreateOptions): Promise<void> {
  const { scope, allProjects = false } = options;
  const key = omitUndefined({ name, scope, allProjects, project: options.project ?? cli.env.BERTH_PROJECT });
  const { id, plain } = await cli.createKeyOffline(key, omitUndefined({ BERTH_DATA_DIR: options.dataDir }));
  printKey(cli, options, { id, key: plain });
}

function addRotate(keys: Command, cli: CliContext): void {
  keys
    .command('rotate')
    .description('replace a key and print the new one; the old key is revoked immediately')
    .argument('<id>', 'ID of the key, as shown by `berth keys`')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (id: string, options: CommonOptions) => {
      const api = connect(cli, options);
      printKey(cli, options, await api.rotateKey(await soleProject(api), id));
    });
}

function addRevoke(keys: Command, cli: CliContext): void {
  keys
    .command('revoke')
    .description('revoke a key')
    .argument('<id>', 'ID of the key, as shown by `berth keys`')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (id: string, options: CommonOptions) => {
      const api = connect(cli, options);
      const answer = await api.revokeKey(await soleProject(api), id);
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}

/** Prints only the key on standard output, so that it can be piped. */
function printKey(cli: CliContext, options: CommonOptions, key: Pick<MintedKey, 'id' | 'key'>): void {
  const { err } = cli.terminal;
  printResult(cli, options, key, () => `${key.key}\n`);
  if (options.json !== true)
    err.write(err.colors.dim(`Key ${key.id}. It is shown only once. Keep it safe.\n`));
}
