import { isAbsolute, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { systemIds } from '../../adapters/system/system-ids.ts';
import type { Finding } from '../../core/model/app-check.ts';
import { projectId } from '../../core/model/ids.ts';
import { mintKey } from '../../http/auth/api-key.ts';
import { parseConfig } from '../config/config.ts';
import { checkAws } from '../doctor/aws-doctor.ts';
import { checkGithub } from '../doctor/check-github.ts';
import { packageRoot, packageVersion } from '../package-root.ts';
import { type AwsAction, type AwsRequest, runAwsCommand } from './aws-commands.ts';
import { checkInstallation } from './check-installation.ts';
import { runnerImageTag } from './image-tag.ts';
import { ask, thisMachine } from './machine.ts';

/** `berth aws install`, `upgrade` and `uninstall`, on this machine. */
export async function manageAws(
  action: AwsAction,
  { directory, given: asked, plan, yes, refreshImage, interrupted }: AwsRequest,
  {
    env,
    print,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly print: (line: string) => void },
): Promise<readonly Finding[]> {
  const given = refreshImage ? { ...asked, refresh: systemClock.now().toISOString() } : asked;
  const places = { root: packageRoot(import.meta.url), directory: resolve(directory) };
  // AWS variables of a server in `.env` do not apply to this installation.
  const { GHE_HOST, GHE_PROTOCOL } = env;
  const github = parseConfig({ GHE_HOST, GHE_PROTOCOL }).githubServer;
  const world = thisMachine({ print, env, github, interrupted });
  const isNew = action === 'install' && !world.exists(resolve(places.directory, 'berth.json'));
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const fallback = isNew && region !== undefined ? { region, ...given } : given;
  const answers = isNew && !plan ? await answered(given, region) : fallback;
  return runAwsCommand(
    action,
    { given: absoluteZip(answers), plan, yes },
    {
      world,
      places,
      imageTag: (installation) => runnerImageTag(places.root, packageVersion(), installation),
      check: async (context, environment) => [
        ...(await checkAws({ ...env, ...environment })),
        ...(await checkInstallation(context, {
          fetch,
          sleep: (milliseconds) => setTimeout(milliseconds),
          checkGithub: (app, url) => checkGithub({ ...github, ...app }, url),
        })),
      ],
      mintKey() {
        const ids = { ids: systemIds, clock: systemClock };
        const facts = {
          projectId: projectId('default'),
          name: 'first key',
          scope: 'admin',
          allProjects: true,
        } as const;
        const { plain, key } = mintKey(ids, facts);
        return { plain, id: key.id, hash: key.hash };
      },
    },
  );
}

/** Asks for what the command line does not say. Without a terminal, uses the defaults. */
async function answered(
  given: AwsRequest['given'],
  region: string | undefined,
): Promise<AwsRequest['given']> {
  const questions = [
    ['region', 'Region', region],
    ['project', 'Name of the installation', 'berth'],
    ['network', 'Network of the tasks: public, nat, endpoints, or the ID of a VPC', 'public'],
    ['organization', 'GitHub organization that owns the App (empty: you)', undefined],
  ] as const;
  const answers: Record<string, unknown> = { ...given };
  for (const [name, question, fallback] of questions) {
    if (answers[name] !== undefined || (name === 'organization' && answers.github === false)) continue;
    const shown = fallback === undefined ? question : `${question} [${fallback}]`;
    const answer = await ask(`${shown}: `);
    const value = answer === undefined || answer === '' ? fallback : answer;
    if (value !== undefined) answers[name] = value;
  }
  return answers;
}

function absoluteZip(given: AwsRequest['given']): AwsRequest['given'] {
  const { zip } = given;
  return typeof zip === 'string' && !isAbsolute(zip) ? { ...given, zip: resolve(zip) } : given;
}
