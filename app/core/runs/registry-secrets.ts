import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { parseJson } from '../../lib/parse-json.ts';
import type { LaunchedService } from '../../ports/executor.ts';
import { BerthError } from '../model/errors.ts';
import type { Run, RunSpec } from '../model/run.ts';
import type { Service } from '../model/service.ts';

/** The format of Amazon ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html */
const credentialsSchema = z.object({ username: z.string().min(1), password: z.string().min(1) });

/** No variable of an environment can have this name: it has a space. */
const secretName = ({ name }: Pick<Service, 'name'>): string => `service ${name}`;

/** The run with the credentials of its services among its secrets, so that the same rules say which it may read. */
export function withRegistrySecrets(run: Run): Run {
  const references = (run.spec.services ?? []).flatMap((service) =>
    service.credentials === undefined ? [] : [[secretName(service), service.credentials] as const],
  );
  if (references.length === 0) return run;
  return {
    ...run,
    spec: { ...run.spec, secrets: { ...run.spec.secrets, ...Object.fromEntries(references) } },
  };
}

/**
 * Takes the credentials of the services out of what was read.
 *
 * @throws BerthError `launch_failed` for credentials that cannot be read.
 */
export function servicesToLaunch(
  { services = [] }: Pick<RunSpec, 'services'>,
  secrets: Readonly<Record<string, string>>,
): {
  readonly services: readonly LaunchedService[];
  readonly secretEnv: Readonly<Record<string, string>>;
} {
  const secretEnv = { ...secrets };
  const launched = services.map((service) => {
    const text = secretEnv[secretName(service)];
    delete secretEnv[secretName(service)];
    const registry = service.credentials === undefined ? undefined : credentialsIn(service, text);
    return omitUndefined({ ...service, registry });
  });
  return { services: launched, secretEnv };
}

function credentialsIn({ name }: Service, text: string | undefined): LaunchedService['registry'] {
  const refuse = (why: string, hint: string) =>
    new BerthError('launch_failed', `The credentials of the service ${name} cannot be used: ${why}.`, {
      hint,
    });
  if (text === undefined)
    throw refuse('this server reads no secrets', 'docs/secrets.md shows how to set up a secret store.');
  const parsed = credentialsSchema.safeParse(parseJson(text));
  // The secret is not quoted, so neither is what is wrong with it.
  if (!parsed.success)
    throw refuse('the secret has another format', 'Store {"username": "…", "password": "…"}.');
  return parsed.data;
}
