import { join } from 'node:path';
import type { Finding } from '../../core/model/app-check.ts';
import { BerthError } from '../../core/model/errors.ts';
import { parseGithubSecret, type SecretApp } from '../config/github-secret.ts';
import { githubSecretName } from './installation.ts';
import { aws, type StepContext } from './step.ts';

export interface AppCheckDeps {
  /** Asks GitHub about the App of the installation at this URL. */
  readonly checkGithub: (app: SecretApp, url: string) => Promise<readonly Finding[]>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const pollMs = 10_000;
/** A redelivery arrives within seconds. */
const polls = 12;

/**
 * Checks that GitHub reaches Berth. Events from before Berth knew the App have failed: Berth asks GitHub to deliver them
 * again, which proves the way.
 */
export async function checkInstalledApp(
  context: StepContext,
  url: string,
  { checkGithub, sleep }: AppCheckDeps,
): Promise<readonly Finding[]> {
  const app = await readStoredApp(context);
  let findings = await checkGithub(app, url);
  if (!haveFailed(findings)) return findings;
  await redeliver(context);
  for (let poll = 0; poll < polls && haveFailed(findings); poll += 1) {
    await sleep(pollMs);
    findings = await checkGithub(app, url);
  }
  return findings;
}

const haveFailed = (findings: readonly Finding[]): boolean =>
  findings.some(({ subject, isWell }) => subject === 'deliveries' && !isWell);

/** Both versions of the AWS CLI read a payload from a file as it is. */
async function redeliver({ world, installation: { region, project }, places }: StepContext): Promise<void> {
  const payload = join(places.directory, 'catch-up.json');
  const answer = join(places.directory, 'catch-up-answer.json');
  await world.write(payload, JSON.stringify({ task: 'catch-up' }));
  const name = ['--function-name', `${project}-schedule`, '--payload', `fileb://${payload}`];
  await world.run(aws('lambda', 'invoke', '--region', region, ...name, answer), 'capture');
  for (const file of [payload, answer]) await world.remove(file);
}

async function readStoredApp({ world, installation }: StepContext): Promise<SecretApp> {
  const name = githubSecretName(installation);
  const question = ['--name', name, '--with-decryption', '--query', 'Parameter.Value', '--output', 'text'];
  const { stdout } = await world.run(
    aws('ssm', 'get-parameter', '--region', installation.region, ...question),
    'capture',
  );
  const app = parseGithubSecret(stdout);
  if (app !== undefined) return app;
  throw new BerthError('install_failed', `The parameter ${name} does not describe a GitHub App.`, {
    hint: 'Delete the parameter, and run berth aws install again: it registers a new App.',
  });
}
