import type { SecretReference } from './secret-reference.ts';
import type { ReadSecrets } from './secret-sources.ts';

/** Secrets by the ID in their reference. */
export type FoundSecrets = readonly (readonly [id: string, value: string])[];

type ReadService = (ids: readonly string[]) => Promise<FoundSecrets>;

/**
 * Reads parameters of SSM and secrets of Secrets Manager. Missing ones are absent from the result.
 *
 * @param services called only with IDs to read, so that each may load its client then.
 */
export function readAwsSecrets(
  services: Readonly<Record<SecretReference['service'], ReadService>>,
): ReadSecrets {
  return async (references) => {
    const read = async (service: SecretReference['service']) => {
      const ids = new Set(references.filter((each) => each.service === service).map(({ id }) => id));
      return ids.size === 0 ? [] : services[service]([...ids]);
    };
    const found = await Promise.all([read('ssm'), read('secretsmanager')]);
    return new Map(found.flat());
  };
}
