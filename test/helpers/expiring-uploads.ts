import type { Deps } from '../../app/core/deps.ts';
import type { Call } from './call-to.ts';
import { eventually } from './eventually.ts';
import type { GitRepository } from './git-repository.ts';

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

/** Runs a command that ends after its first upload URLs have expired. @returns the run, and what it uploaded. */
export async function runPastUploads(call: Call, { url, branch }: GitRepository) {
  const started = await call('POST', '/workflow/execute', {
    repo_url: url,
    branch,
    test_command: 'sleep 3; echo kept > kept.txt',
    artifacts: ['kept.txt'],
  });
  // The API's own tests check the form of its answers.
  const { workflow_id: id } = (await started.json()) as { workflow_id: string };
  const run = await eventually('the run to end', async () => {
    const status = (await (await call('GET', `/workflow/${id}/status`)).json()) as Record<string, unknown>;
    return status.conclusion != null && status;
  });
  const artifact = await call('GET', `/workflow/${id}/artifacts/kept.txt`);
  return { id, run, artifact: await artifact.text() };
}
