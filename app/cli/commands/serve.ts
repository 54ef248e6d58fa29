import { once } from 'node:events';
import type { Command } from 'commander';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext, OwnServer } from '../cli-context.ts';
import { defaultUrl } from '../connect.ts';
import type { Output } from '../terminal.ts';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `berth serve` */
export function addServe(program: Command, cli: CliContext): void {
  program
    .command('serve')
    .description('start a server on this machine')
    .option('--port <number>', 'port to listen on, 0 for a free one (PORT, default 3000)')
    .option('--host <address>', 'address to listen on (HOST, default 127.0.0.1)')
    .option('--data-dir <directory>', 'data directory (BERTH_DATA_DIR, default .berth)')
    .option('--json', 'one line of JSON once it serves, for programs')
    .addHelpText(
      'after',
      '\nThe environment or a .env file sets everything else: see docs/configuration.md.\n\nExamples:\n  berth serve\n  berth serve --port 8080 --data-dir /var/lib/berth',
    )
    .action(async (options: ServeOptions) => {
      const interrupted = cli.interrupts.take();
      const server = await cli.startServer(
        omitUndefined({ PORT: options.port, HOST: options.host, BERTH_DATA_DIR: options.dataDir }),
      );
      const { out } = cli.terminal;
      out.write(options.json === true ? jsonLine(server) : greeting(server, cli.version, out.colors));
      if (!interrupted.aborted) await once(interrupted, 'abort');
      await server.close();
    });
}

function jsonLine({
  url,
  dataDir,
  executorReason,
  storage,
  warning,
  projectName,
  firstKey,
}: OwnServer): string {
  const facts = { url, dataDir, executor: executorReason, ...storage, warning };
  return `${JSON.stringify({ ...facts, project: projectName, apiKey: firstKey })}\n`;
}

const places: Readonly<Record<string, string>> = {
  embedded: 'embedded database',
  dynamodb: 'DynamoDB',
  files: 'files',
  s3: 'S3',
  cloudwatch: 'CloudWatch Logs',
};

function storageText({ store, objects, logs }: OwnServer['storage']): string {
  const nameOf = (place: string) => places[place] ?? place;
  return `${nameOf(store)}; objects: ${nameOf(objects)}; logs: ${nameOf(logs)}`;
}

function greeting(server: OwnServer, version: string, colors: Output['colors']): string {
  const fact = (name: string, value: string) => `  ${colors.dim(name.padEnd(10))}${value}\n`;
  return [
    `${colors.bold(`Berth ${version}`)} serves ${colors.cyan(server.url)}\n`,
    fact('data', server.dataDir),
    fact('storage', storageText(server.storage)),
    fact('executor', server.executorReason),
    server.warning === undefined ? '' : fact('warning', colors.yellow(server.warning)),
    server.setupUrl === undefined ? '' : fact('github', `not connected; set up at ${server.setupUrl}`),
    server.firstKey === undefined ? '' : firstKeyText(server, server.firstKey, colors),
    colors.dim(
      '\nPress Ctrl-C to stop the server. Running tests continue, and the next start resumes them.\n',
    ),
  ].join('');
}

function firstKeyText({ url, projectName }: OwnServer, key: string, colors: Output['colors']): string {
  const exports = [...(url === defaultUrl ? [] : [`BERTH_URL=${url}`]), `BERTH_API_KEY=${key}`];
  return `
This is the first start. Berth created the project ${colors.bold(projectName)} and an API key for it. The key is shown only once,
because Berth stores only its hash. Set it in a second terminal, or in .env:

${exports.map((variable) => `  ${colors.bold(`export ${variable}`)}\n`).join('')}`;
}
