import { join } from 'node:path';
import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import {
  githubSecretName,
  type Installation,
  type Places,
  stateBucket,
  terraformConfiguration,
} from './installation.ts';
import { type Command, failed, runShown, type World } from './world.ts';

/**
 * One step. It looks at what exists before it changes anything, so that it can be interrupted anywhere and repeated: no
 * file says how far an installation came.
 */
export interface Step {
  readonly title: string;
  /** The commands of the step, for `--plan`. */
  readonly commands: readonly Command[];
  /** @returns what is there already; undefined if the step has to run. */
  readonly done: () => Promise<string | undefined>;
  readonly run: () => Promise<void>;
}

export interface StepContext {
  readonly world: World;
  readonly installation: Installation;
  readonly places: Places;
  readonly account: string;
  readonly imageTag: string;
  /** Builds the functions even if there is a zip file. */
  readonly rebuilds: boolean;
  readonly isProtected: boolean;
  /** Applies without a question. */
  readonly yes: boolean;
  /** Creates an API key: what the person keeps, and what Berth stores. */
  readonly mintKey: () => { readonly plain: string; readonly id: string; readonly hash: string };
}

const never = async (): Promise<undefined> => undefined;

/** A step that runs commands which may all be repeated. */
function commandStep(
  context: StepContext,
  title: string,
  commands: readonly Command[],
  done: Step['done'] = never,
): Step {
  return {
    title,
    commands,
    done,
    async run() {
      for (const command of commands) await runShown(context.world, command);
    },
  };
}

const aws = (...args: readonly string[]): Command => ({ program: 'aws', args });

function terraform({ places }: StepContext, ...args: readonly string[]): Command {
  return { program: 'terraform', args: [`-chdir=${places.directory}`, ...args] };
}

/** Runs a command without showing its output, to find out whether something exists. */
async function succeeds({ world }: StepContext, command: Command): Promise<boolean> {
  return (await world.run(command, 'capture')).exitCode === 0;
}

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

/** Looks for the runner's image of this version. */
export function findImage({ installation, imageTag }: StepContext): Command {
  return aws(
    ...['ecr', 'describe-images', '--region', installation.region],
    ...['--repository-name', repositoryOf(installation), '--image-ids', `imageTag=${imageTag}`],
  );
}

export function imageSteps(context: StepContext): readonly Step[] {
  const { installation, places, imageTag } = context;
  const { image, region, variables } = installation;
  if (image !== undefined) return [];
  const repository = repositoryOf(installation);
  const platform = variables.architecture === 'arm64' ? 'linux/arm64' : 'linux/amd64';
  const build: Command = {
    program: join(places.root, 'scripts/build-image.sh'),
    args: [],
    env: { AWS_REGION: region, ECR_REPO_NAME: repository, IMAGE_TAG: imageTag, PLATFORM: platform },
  };
  return [
    commandStep(context, "Runner's image", [build], async () =>
      (await succeeds(context, findImage(context))) ? `${repository}:${imageTag}` : undefined,
    ),
  ];
}

const textSchema = z.string().min(1);
const namesSchema = z.object({ schedule: z.string() });

/** Reads an output of the applied configuration. */
export async function outputOf(context: StepContext, name: string): Promise<unknown> {
  const command = terraform(context, 'output', '-json', name);
  const end = await context.world.run(command, 'capture');
  if (end.exitCode !== 0) throw failed(command, end);
  return JSON.parse(end.stdout);
}

export const keyFile = ({ places }: Pick<StepContext, 'places'>): string => join(places.directory, '.env');

/** The key is on this machine before Berth knows it: an interruption in between loses nothing. */
export function keyStep(context: StepContext): Step {
  const { world, installation } = context;
  const invoke = (name: string, payload: string): Command =>
    aws(
      ...['lambda', 'invoke', '--region', installation.region, '--function-name', name],
      ...['--payload', `fileb://${payload}`, answerFile],
    );
  const payloadFile = join(context.places.directory, 'setup.json');
  const answerFile = join(context.places.directory, 'setup-answer.json');
  return {
    title: 'First project and its API key',
    commands: [invoke(`${installation.project}-schedule`, payloadFile)],
    done: never,
    async run() {
      const file = keyFile(context);
      const known = /^BERTH_API_KEY=(\S+)$/m.exec((await world.read(file)) ?? '')?.[1];
      const url = textSchema.parse(await outputOf(context, 'url'));
      const { schedule } = namesSchema.parse(await outputOf(context, 'function_names'));
      const key = known === undefined ? context.mintKey() : undefined;
      if (key !== undefined) {
        const request = { task: 'setup', key: { id: key.id, hash: key.hash } };
        await world.write(payloadFile, JSON.stringify(request));
        await world.write(file, `BERTH_URL=${url}\nBERTH_API_KEY=${key.plain}\n`);
      }
      // Without the payload, an earlier run came to the end of this step.
      if (!world.exists(payloadFile)) return;
      const outcome = await runShown(world, invoke(schedule, payloadFile), 'capture');
      const answer = (await world.read(answerFile)) ?? '';
      await world.remove(answerFile);
      if (outcome.includes('"FunctionError"')) {
        throw new BerthError('install_failed', `The function ${schedule} failed: ${answer.trim()}`, {
          hint: 'Its log says more: aws logs tail /aws/lambda/<function>. Then run the same command of berth again.',
        });
      }
      await world.remove(payloadFile);
      world.print(`The address and the API key are in ${file}. \`berth\` reads them in that directory.`);
    },
  };
}

async function appIsStored(context: StepContext): Promise<boolean> {
  const { region } = context.installation;
  const name = githubSecretName(context.installation);
  return succeeds(context, aws('ssm', 'get-parameter', '--region', region, '--name', name));
}

/** Registers the App from this machine, and stores its credentials with the rights of the person. */
export function appStep(context: StepContext): Step {
  const { world, installation, places } = context;
  const name = githubSecretName(installation);
  const file = join(places.directory, 'github-app.json');
  const put = aws(
    ...['ssm', 'put-parameter', '--region', installation.region, '--name', name, '--type', 'SecureString'],
    ...['--tier', 'Standard', '--overwrite', '--value', `file://${file}`],
  );
  return {
    title: 'GitHub App',
    commands: [put],
    // While the file exists, no one knows whether SSM has its contents.
    done: async () => (!world.exists(file) && (await appIsStored(context)) ? `ssm:${name}` : undefined),
    async run() {
      // GitHub shows the credentials once, so they are on the disk until SSM has them.
      if (!world.exists(file)) {
        const publicUrl = textSchema.parse(await outputOf(context, 'url'));
        const { organization } = installation;
        const app = await world.registerApp({
          publicUrl,
          ...omitUndefined({ organization }),
          announce: (address) => world.print(`Open ${address} in a browser on this machine.`),
        });
        const { appId, privateKey, webhookSecret, client } = app;
        const stored = {
          appId,
          privateKey,
          webhookSecret,
          clientId: client?.id,
          clientSecret: client?.secret,
        };
        await world.write(file, JSON.stringify(stored));
        world.print(
          `GitHub registered the App. Install it on your repositories: ${app.htmlUrl}/installations/new`,
        );
      }
      await runShown(world, put);
      await world.remove(file);
    },
  };
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
