import { z } from 'zod';
import type { RepositoryAddress } from '../../ports/github.ts';
import type { Deps, GithubDeps } from '../deps.ts';
import type { ProjectId } from '../model/ids.ts';
import { readJson } from '../results/read-json.ts';

const headsSchema = z.record(z.string(), z.string());

/**
 * The branches that a repository had when Berth first saw it. They are not tested; every later push is, even if its
 * event was lost.
 *
 * @returns undefined if they were not recorded: by version 0.1.0, or because there were too many.
 */
export async function readFirstHeads(
  deps: Pick<Deps, 'objects' | 'log'>,
  projectId: ProjectId,
): Promise<ReadonlyMap<string, string> | undefined> {
  const heads = await readJson(deps, keyOf(projectId), headsSchema);
  return heads && new Map(Object.entries(heads));
}

/** Records the branches that a repository has now, unless some were recorded before. */
export async function recordFirstHeads(
  deps: Pick<GithubDeps, 'objects' | 'log' | 'github'>,
  projectId: ProjectId,
  at: RepositoryAddress,
  listed?: ReadonlyMap<string, string>,
): Promise<void> {
  if ((await readFirstHeads(deps, projectId)) !== undefined) return;
  const heads = listed ?? (await deps.github.repositories.listBranches(at));
  if (heads === undefined) return;
  const text = JSON.stringify(Object.fromEntries(heads));
  await deps.objects.put(keyOf(projectId), text, 'application/json');
}

function keyOf(projectId: ProjectId): string {
  return `github/${encodeURIComponent(projectId)}/branches.json`;
}
