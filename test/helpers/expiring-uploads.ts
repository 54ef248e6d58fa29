import type { Deps } from '../../app/core/deps.ts';

/** The first upload URLs of each object expire after a second, as signed URLs do on AWS before a long run ends. */
export function withExpiringUploads(deps: Deps): Deps {
  const seen = new Set<string>();
  return {
    ...deps,
    objects: {
      ...deps.objects,
      async grant(grant) {
        const isFirst = grant.method === 'PUT' && !seen.has(grant.key);
        if (isFirst) seen.add(grant.key);
        return deps.objects.grant(isFirst ? { ...grant, ttlSeconds: 1 } : grant);
      },
    },
  };
}
