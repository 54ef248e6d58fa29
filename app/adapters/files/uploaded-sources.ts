import { uploadedSourceId, uploadedSourceKey } from '../../core/model/run-keys.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Sources } from '../../ports/sources.ts';

/**
 * Sources that a client uploaded, because no git server has the commit.
 *
 * @param deps.others resolves all other runs.
 */
export function uploadedSources(deps: {
  readonly objects: Pick<Objects, 'grant'>;
  readonly others: Sources;
  readonly ttlSeconds: number;
  /** Where tasks reach the server. If omitted, they reach S3. */
  readonly baseUrl?: string;
}): Sources {
  const { objects, others, ttlSeconds, baseUrl } = deps;
  return {
    async resolve(run) {
      const resolved = await others.resolve(run);
      const id = uploadedSourceId(run.spec.source);
      if (id === undefined || resolved.source.kind !== 'archive') return resolved;
      const url = await objects.grant({
        key: uploadedSourceKey(run.projectId, id),
        method: 'GET',
        ttlSeconds,
        ...omitUndefined({ baseUrl }),
      });
      return { ...resolved, source: { ...resolved.source, url } };
    },
  };
}
