import { join } from 'node:path';
import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { githubSecretText } from '../config/github-secret.ts';
import { githubSecretName } from './installation.ts';
import { aws, never, outputOf, type Step, type StepContext, showLog, succeeds } from './step.ts';
import { type Command, runShown } from './world.ts';

const textSchema = z.string().min(1);
const namesSchema = z.object({ schedule: z.string() });

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
          hint: `See its log: ${showLog(context, schedule)}\nThen run the same command of berth again.`,
        });
      }
      await world.remove(payloadFile);
      world.print(`The address and the API key are in ${file}. \`berth\` reads them in that directory.`);
    },
  };
}

export async function appIsStored(context: StepContext): Promise<boolean> {
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
    // While the file exists, SSM may not have its contents.
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
        await world.write(file, githubSecretText(app));
        world.print(
          `GitHub registered the App. Install it on your repositories: ${app.htmlUrl}/installations/new`,
        );
      }
      await runShown(world, put);
      await world.remove(file);
    },
  };
}
