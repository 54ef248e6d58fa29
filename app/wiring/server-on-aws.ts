import { secretSources } from '../adapters/secrets/secret-sources.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import type { Deps } from '../core/deps.ts';
import type { Sources } from '../ports/sources.ts';
import { lazyRoles, lazySecrets } from './aws/aws-lazy.ts';
import type { ServerAws } from './config/server-aws.ts';

/** Issues sessions of roles. A server without AWS issues none. */
export function rolesOf(aws: ServerAws | undefined): Pick<Deps, 'roles'> {
  if (aws?.deployRoles === undefined) return {};
  const { deployRoles } = aws;
  return { roles: lazyRoles({ deployRoles }, { region: aws.region, random: () => systemIds.random() }) };
}

/** Adds the secrets of AWS that suites name, if the environment says where they are. */
export function withSecrets(aws: ServerAws | undefined, sources: Sources): Sources {
  if (aws?.secrets === undefined) return sources;
  const read = lazySecrets({ region: aws.region, random: () => systemIds.random() });
  return secretSources({ sources, read, ...aws.secrets });
}
