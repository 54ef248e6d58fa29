import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import { appIsStored } from './credential-steps.ts';
import { architectureOf } from './image-tag.ts';
import { githubSecretName, type Installation, stateBucket, terraformConfiguration } from './installation.ts';
import { aws, commandStep, never, type Step, type StepContext, succeeds, terraform } from './step.ts';
import { type Command, failed, runShown } from './world.ts';

export function stateSteps(context: StepContext): readonly Step[] {
  const { region } = context.installation;
  const bucket = stateBucket(context.installation, context.account);
  const at = ['--region', region, '--bucket', bucket];
  const location =
    region === 'us-east-1' ? [] : ['--create-bucket-configuration', `LocationConstraint=${region}`];
  const block =
    'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true';
  return [
    commandStep(
      context,
      "Bucket of Terraform's state",
      [aws('s3api', 'create-bucket', ...at, ...location)],
      async () => ((await succeeds(context, aws('s3api', 'head-bucket', ...at))) ? bucket : undefined),
    ),
    commandStep(context, 'Versions and access of that bucket', [
      aws('s3api', 'put-bucket-versioning', ...at, '--versioning-configuration', 'Status=Enabled'),
      aws('s3api', 'put-public-access-block', ...at, '--public-access-block-configuration', block),
    ]),
  ];
}

export function zipStep(context: StepContext): Step {
  const { world, places, installation, rebuilds } = context;
  const zip = installation.zip ?? join(places.root, 'dist/lambda.zip');
  const isClone = world.exists(join(places.root, 'scripts/build-lambda.mjs'));
  const build: Command = {
    program: 'npm',
    args: ['--prefix', places.root, 'run', '--silent', 'build:lambda'],
  };
  return {
    title: 'Zip file of the functions',
    commands: installation.zip === undefined && isClone ? [build] : [],
    async done() {
      const mustBuild = rebuilds && isClone && installation.zip === undefined;
      return world.exists(zip) && !mustBuild ? zip : undefined;
    },
    async run() {
      if (isClone && installation.zip === undefined) return void (await runShown(world, build));
      throw new BerthError('install_failed', `There is no zip file ${zip}.`, {
        hint: 'Download lambda.zip of a release and name it with --zip, or run this command from a clone after `npm ci`.',
      });
    },
  };
}

/** Writes the configuration and prepares Terraform for it. */
export function terraformStep(context: StepContext): Step {
  const { world, installation, places, account, imageTag, isProtected } = context;
  const init = terraform(context, 'init', '-input=false');
  return {
    title: `Terraform configuration in ${places.directory}`,
    commands: [init],
    done: never,
    async run() {
      const hasApp = installation.github && (await appIsStored(context));
      const options = { account, imageTag, hasApp, isProtected };
      const lock = await world.read(join(places.root, 'terraform/examples/minimal/.terraform.lock.hcl'));
      const file = join(places.directory, '.terraform.lock.hcl');
      if (lock !== undefined && !world.exists(file)) await world.write(file, lock);
      await world.write(join(places.directory, '.gitignore'), '.env\n.terraform/\n*.tfplan\n*.json.draft\n');
      await world.write(
        join(places.directory, 'main.tf.json'),
        terraformConfiguration(installation, places, options),
      );
      await runShown(world, init);
    },
  };
}

/** Plans, asks, and applies exactly this plan. */
export function applyStep(context: StepContext, title: string): Step {
  const { world, yes } = context;
  const plan = terraform(context, 'plan', '-input=false', '-out=berth.tfplan', '-detailed-exitcode');
  const apply = terraform(context, 'apply', '-input=false', 'berth.tfplan');
  return {
    title,
    commands: [plan, apply],
    done: never,
    async run() {
      const { print } = world;
      print(`$ ${['terraform', ...plan.args].join(' ')}`);
      const planned = await world.run(plan, 'show');
      // https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode
      if (planned.exitCode === 0) return print('Nothing to change.');
      if (planned.exitCode !== 2) throw failed(plan, planned);
      if (!yes && !(await world.confirm('Apply this plan?'))) {
        throw new BerthError('install_failed', 'The plan was not applied.', {
          hint: 'Answer yes, or add --yes for use without a terminal.',
        });
      }
      await runShown(world, apply);
      await world.remove(join(context.places.directory, 'berth.tfplan'));
    },
  };
}

const repositoryOf = ({ project }: Installation): string => `${project}-runner`;

export function findRepository(installation: Installation): Command {
  const name = ['--repository-names', repositoryOf(installation)];
  return aws('ecr', 'describe-repositories', '--region', installation.region, ...name);
}

/** Looks for the runner's image with this tag. */
export function findImage({
  installation,
  imageTag,
}: Pick<StepContext, 'installation' | 'imageTag'>): Command {
  return aws(
    ...['ecr', 'describe-images', '--region', installation.region],
    ...['--repository-name', repositoryOf(installation), '--image-ids', `imageTag=${imageTag}`],
  );
}

export function imageSteps(context: StepContext): readonly Step[] {
  const { installation, places, imageTag } = context;
  const { image, region, refresh } = installation;
  if (image !== undefined) return [];
  const repository = repositoryOf(installation);
  const platform = `linux/${architectureOf(installation)}`;
  const build: Command = {
    program: join(places.root, 'scripts/build-image.sh'),
    args: [],
    env: {
      ...{ AWS_REGION: region, ECR_REPO_NAME: repository, IMAGE_TAG: imageTag, PLATFORM: platform },
      ...(refresh === undefined ? {} : { REFRESH: refresh }),
    },
  };
  return [
    commandStep(context, "Runner's image", [build], async () =>
      (await succeeds(context, findImage(context))) ? `${repository}:${imageTag}` : undefined,
    ),
  ];
}

/** Deletes everything but the state and its bucket. */
export function destroySteps(context: StepContext): readonly Step[] {
  const { world, installation, yes } = context;
  const destroy = terraform(context, 'destroy', '-input=false', '-auto-approve');
  const name = githubSecretName(installation);
  const forget = aws('ssm', 'delete-parameter', '--region', installation.region, '--name', name);
  return [
    {
      title: 'Everything that Terraform created, with its data',
      commands: [destroy],
      done: never,
      async run() {
        const question = `Delete the installation ${installation.project} in ${installation.region} with all its data?`;
        if (!yes && !(await world.confirm(question))) {
          throw new BerthError('install_failed', 'Nothing was deleted.', {
            hint: 'Answer yes, or add --yes for use without a terminal.',
          });
        }
        await runShown(world, destroy);
      },
    },
    commandStep(context, 'Credentials of the GitHub App', [forget], async () =>
      (await appIsStored(context)) ? undefined : 'none are stored',
    ),
  ];
}
