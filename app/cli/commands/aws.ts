import type { Command } from 'commander';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findingsText } from './doctor.ts';

type Action = Parameters<CliContext['manageAws']>[0];

interface AwsOptions {
  readonly directory: string;
  readonly region?: string;
  readonly project?: string;
  readonly network?: string;
  readonly organization?: string;
  readonly github?: boolean;
  readonly image?: string;
  readonly zip?: string;
  readonly refreshImage?: boolean;
  readonly plan?: boolean;
  readonly yes?: boolean;
}

/** `berth aws install`, `berth aws upgrade`, `berth aws uninstall` */
export function addAws(program: Command, cli: CliContext): void {
  const aws = program.command('aws').description('install, upgrade or remove Berth in your AWS account');
  const common = (name: Action, description: string): Command =>
    aws
      .command(name)
      .description(description)
      .option('--directory <path>', 'directory of the configuration and the API key', 'berth-aws')
      .option('--plan', 'print the commands without running them')
      .option('--yes', 'apply without confirmation')
      .action((options: AwsOptions) => manage(cli, name, options));
  const decisions = (command: Command): Command =>
    command
      .option('--image <uri>', "the runner's image in another repository, instead of building it")
      .option('--zip <file>', 'zip file with the functions, of a release of this version')
      .option('--no-github', 'without a GitHub App');

  decisions(common('install', 'create everything, or continue an interrupted installation'))
    .option('--region <region>', 'region (AWS_REGION)')
    .option('--project <name>', 'name of the installation: all names start with it (default "berth")')
    .option('--network <network>', 'public, nat, endpoints, or the ID of a VPC (default "public")')
    .option('--organization <name>', 'GitHub organization that owns the App (default: you)')
    .addHelpText(
      'after',
      '\nIt needs Terraform 1.10 or newer, the AWS CLI with administrator credentials, and Docker or Podman. Each step\nlooks at what exists, so an interrupted installation continues when you run the same command again.\n\nExamples:\n  berth aws install --region eu-central-1 --organization octo-org\n  berth aws install --plan --region eu-central-1',
    );
  decisions(common('upgrade', 'deploy this version of Berth to an installation')).option(
    '--refresh-image',
    "build the runner's image again, with the updates of its base image",
  );
  common('uninstall', 'delete an installation with all its data');
}

async function manage(cli: CliContext, action: Action, options: AwsOptions): Promise<void> {
  const { directory, plan = false, yes = false, refreshImage = false, github, ...rest } = options;
  // commander's default of --no-github is true, which is not a decision.
  const given = omitUndefined({ ...rest, github: github === false ? false : undefined });
  const findings = await cli.manageAws(action, {
    ...{ directory, plan, yes, refreshImage, given },
    // Ctrl-C also reaches the running program, which ends in good order, and releases its lock.
    interrupted: cli.interrupts.take(),
  });
  cli.terminal.out.write(findingsText(findings, cli.terminal.out.colors));
  if (findings.some(({ isWell }) => !isWell)) cli.finish(exitCodes.runErrored);
}
