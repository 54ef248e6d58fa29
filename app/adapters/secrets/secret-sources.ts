import { BerthError } from '../../core/model/errors.ts';
import type { Run } from '../../core/model/run.ts';
import type { Sources } from '../../ports/sources.ts';
import { parseSecretReference, type SecretReference } from './secret-reference.ts';

/** Reads secrets from their stores. @throws BerthError if one cannot be read. */
export type ReadSecrets = (references: readonly SecretReference[]) => Promise<ReadonlyMap<string, string>>;

/**
 * {@link Sources} that also bring the secrets that a suite names.
 *
 * Settings come from a repository, so a name in them must not reach the secrets of others, or Berth's own: a suite
 * gets those whose names begin with the prefix and its repository, or with the prefix and `shared`.
 *
 * @param deps.prefix such as `/berth/secrets/`: the secrets of the repository with the ID 42 are under
 *   `/berth/secrets/repository.42/`, and with `byName` also under `/berth/secrets/octo-org/shop/`.
 * @param deps.byName false if a later repository of the same name must not read the secrets of an earlier one.
 */
export function secretSources(deps: {
  readonly sources: Sources;
  readonly read: ReadSecrets;
  readonly prefix: string;
  readonly byName: boolean;
}): Sources {
  const { sources, read } = deps;
  return {
    resolve: async (run) => {
      const wanted = Object.entries(run.spec.secrets).map(([name, reference]) => ({
        name,
        reference: permitted(reference, scopesOf(run, deps)),
      }));
      const without = { ...run, spec: { ...run.spec, secrets: {} } };
      const [resolved, values] = await Promise.all([
        sources.resolve(without),
        wanted.length === 0 ? new Map<string, string>() : read(wanted.map(({ reference }) => reference)),
      ]);
      const secretEnv = { ...resolved.secretEnv };
      for (const { name, reference } of wanted) {
        const value = values.get(reference.id);
        if (value === undefined) throw unreadable(name, reference, 'it does not exist');
        secretEnv[name] = reference.jsonKey === undefined ? value : fieldOf(name, reference, value);
      }
      return { ...resolved, secretEnv };
    },
  };
}

function permitted(text: string, allowed: readonly string[]): SecretReference {
  const reference = parseSecretReference(text);
  if (reference === undefined) {
    throw new BerthError('launch_failed', `\`${text}\` is not a valid reference to a secret.`, {
      hint: 'It is ssm:<name>, secretsmanager:<name>, or the ARN of either.',
    });
  }
  // Names in Secrets Manager usually have no leading slash, names in SSM usually do.
  const name = reference.name.replace(/^\//, '');
  if (!allowed.some((start) => name.startsWith(start.replace(/^\//, '')))) {
    throw new BerthError(
      'launch_failed',
      `The secret \`${reference.name}\` does not belong to this project.`,
      {
        hint: `Its name must begin with ${allowed.join(' or ')}.`,
      },
    );
  }
  return reference;
}

/** Logins on GitHub have no dot, so no owner has a name like `repository.42`. */
function scopesOf({ github, projectId }: Run, deps: { prefix: string; byName: boolean }): readonly string[] {
  const own =
    github === undefined
      ? [projectId]
      : [`repository.${github.repositoryId}`, ...(deps.byName ? [`${github.owner}/${github.repo}`] : [])];
  return [...own, 'shared'].map((scope) => `${deps.prefix}${scope}/`);
}

function fieldOf(name: string, reference: SecretReference, value: string): string {
  const { jsonKey = '' } = reference;
  try {
    const document: unknown = JSON.parse(value);
    const field: unknown = new Map(Object.entries(Object(document))).get(jsonKey);
    if (typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean')
      return String(field);
  } catch {
    // The cause would quote the secret, so it is not passed on.
  }
  throw unreadable(name, reference, `it is not a JSON object with a string at \`${jsonKey}\``);
}

function unreadable(name: string, reference: SecretReference, why: string): BerthError {
  return new BerthError(
    'launch_failed',
    `The secret \`${reference.name}\` for ${name} cannot be read: ${why}.`,
    {
      hint: 'Create it, or correct the reference in .github/berth.yml.',
    },
  );
}
