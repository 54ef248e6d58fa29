import { join } from 'node:path';
import { z } from 'zod';
import type { CliContext } from '../../cli/cli-context.ts';
import type { Finding } from '../../core/model/app-check.ts';
import { BerthError } from '../../core/model/errors.ts';
import { mistaken, mistakesIn } from '../config/mistakes.ts';
import { appStep, keyStep } from './credential-steps.ts';
import { hasArchitecture } from './image-tag.ts';
import {
  appliedImageTag,
  type Installation,
  installationSchema,
  type Places,
  stateBucket,
} from './installation.ts';
import { outputOf, type Step, type StepContext, succeeds } from './step.ts';
import {
  applyStep,
  destroySteps,
  findImage,
  findRepository,
  imageSteps,
  stateSteps,
  terraformStep,
  zipStep,
} from './steps.ts';
import { type Command, runShown, shellText, type World } from './world.ts';

type ManageAws = CliContext['manageAws'];
export type AwsAction = Parameters<ManageAws>[0];
export type AwsRequest = Parameters<ManageAws>[1];

/** `given` are decisions on the command line: they replace the stored ones. A `plan` prints what would run, and runs nothing. */
export type AwsCommandOptions = Pick<AwsRequest, 'given' | 'plan' | 'yes'>;

export interface AwsCommandDeps {
  readonly world: World;
  readonly places: Places;
  /** The tag of the runner's image that this clone builds. */
  readonly imageTag: (installation: Installation) => Promise<string>;
  readonly mintKey: StepContext['mintKey'];
  /** @param environment of the functions. */
  readonly check: (
    context: StepContext,
    environment: Readonly<Record<string, string>>,
  ) => Promise<readonly Finding[]>;
}

const oldestTerraform = [1, 10] as const;

/**
 * Installs, upgrades or removes Berth in an AWS account.
 *
 * @returns the findings of the doctor; none for a plan or a removal.
 * @throws BerthError `config_invalid`, `install_failed`.
 */
export async function runAwsCommand(
  action: AwsAction,
  { given, plan, yes }: AwsCommandOptions,
  deps: AwsCommandDeps,
): Promise<readonly Finding[]> {
  const { world, places } = deps;
  const file = join(places.directory, 'berth.json');
  const stored = await world.read(file);
  if (action !== 'install' && stored === undefined) {
    throw new BerthError('config_invalid', `There is no installation in ${places.directory}.`, {
      hint: 'Name its directory with --directory, or install Berth first: berth aws install',
    });
  }
  const installation = parseInstallation({ ...parseStored(stored, file), ...given });
  const buildsImage = action !== 'uninstall' && installation.image === undefined;
  if (buildsImage && !world.exists(join(places.root, 'scripts/build-image.sh'))) {
    throw new BerthError('config_invalid', "This package cannot build the runner's image.", {
      hint: 'Name one with --image, or run this command from a clone.',
    });
  }
  const account = plan ? '<account>' : await checkTools(world, installation.region);
  const context: StepContext = {
    ...{ world, installation, places, account, yes, mintKey: deps.mintKey },
    ...(await chooseImage(action, { plan, installation }, deps)),
    rebuilds: action === 'upgrade',
    isProtected: action !== 'uninstall',
  };
  const steps = stepsOf(action, context);
  if (plan) {
    printPlan(world, steps);
    return [];
  }
  await world.write(file, `${JSON.stringify(installation, undefined, 2)}\n`);
  await runSteps(world, steps);
  if (action === 'uninstall') {
    world.print(
      `The state remains in s3://${stateBucket(installation, account)}. Delete the bucket if no one needs it.`,
    );
    return [];
  }
  world.print('\nChecks');
  const environment = z.record(z.string(), z.string()).parse(await outputOf(context, 'environment'));
  return deps.check(context, environment);
}

function stepsOf(action: AwsAction, context: StepContext): readonly Step[] {
  const configure = terraformStep(context);
  const github = context.installation.github
    ? [appStep(context), configure, applyStep(context, 'Berth with the GitHub App')]
    : [];
  switch (action) {
    case 'install': {
      const apply = applyStep(context, 'Berth on AWS');
      const images = imageSteps(context);
      return [
        ...stateSteps(context),
        zipStep(context),
        configure,
        // Tasks must never start with a tag that does not exist. The first apply creates the repository.
        ...(context.hasRepository ? [...images, apply] : [apply, ...images]),
        keyStep(context),
        ...github,
      ];
    }
    case 'upgrade':
      return [...imageSteps(context), zipStep(context), configure, applyStep(context, 'Berth on AWS')];
    case 'uninstall':
      return [configure, applyStep(context, 'Deletion protection off'), ...destroySteps(context)];
  }
}

/** Only an upgrade changes the image of an installation, or another architecture of its tasks. */
async function chooseImage(
  action: AwsAction,
  { plan, installation }: { readonly plan: boolean; readonly installation: Installation },
  { world, places, imageTag }: AwsCommandDeps,
): Promise<Pick<StepContext, 'imageTag' | 'hasRepository'>> {
  const own = await imageTag(installation);
  if (plan) return { imageTag: own, hasRepository: action !== 'install' };
  const present = appliedImageTag(await world.read(join(places.directory, 'main.tf.json')));
  const exists = (command: Command): Promise<boolean> => succeeds({ world }, command);
  const keeps =
    action !== 'upgrade' &&
    present !== undefined &&
    hasArchitecture(present, installation) &&
    (await exists(findImage({ installation, imageTag: present })));
  return {
    imageTag: keeps ? present : own,
    hasRepository: keeps || (await exists(findRepository(installation))),
  };
}

async function runSteps({ print }: World, steps: readonly Step[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    print(`\n[${index + 1}/${steps.length}] ${step.title}`);
    const found = await step.done();
    if (found === undefined) await step.run();
    else print(`Done already: ${found}`);
  }
}

function printPlan({ print }: World, steps: readonly Step[]): void {
  for (const [index, step] of steps.entries()) {
    print(`\n[${index + 1}/${steps.length}] ${step.title}`);
    for (const command of step.commands) print(`$ ${shellText(command)}`);
  }
}

function parseInstallation(given: Record<string, unknown>): Installation {
  const parsed = installationSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const hint = 'berth aws install --help lists the options.';
  throw mistaken('The installation', mistakesIn(parsed.error), hint);
}

function parseStored(text: string | undefined, file: string): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    throw new BerthError('config_invalid', `${file} is not valid JSON.`, {
      cause,
      hint: 'Correct it, or delete it and give the options again.',
    });
  }
}

/** @returns the account of the credentials. @throws BerthError `install_failed`. */
async function checkTools(world: World, region: string): Promise<string> {
  const version = await runShown(world, { program: 'terraform', args: ['version', '-json'] }, 'capture');
  const { terraform_version: found } = z.object({ terraform_version: z.string() }).parse(JSON.parse(version));
  const [major = 0, minor = 0] = found.split('.').map(Number);
  if (major < oldestTerraform[0] || (major === oldestTerraform[0] && minor < oldestTerraform[1])) {
    throw new BerthError('install_failed', `Terraform ${found} cannot lock its state in S3.`, {
      hint: `Install Terraform ${oldestTerraform.join('.')} or newer.`,
    });
  }
  const identity = await runShown(
    world,
    { program: 'aws', args: ['sts', 'get-caller-identity', '--region', region, '--output', 'json'] },
    'capture',
  );
  const { Account, Arn } = z.object({ Account: z.string(), Arn: z.string() }).parse(JSON.parse(identity));
  world.print(`Account ${Account}, as ${Arn}`);
  return Account;
}
