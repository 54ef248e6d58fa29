import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { ProjectId } from '../model/ids.ts';
import { readJson } from '../results/read-json.ts';

const headsSchema = z.record(z.string(), z.string());

/** The branches of a repository at its last comparison. */
export async function readKnownHeads(
  deps: Pick<Deps, 'objects' | 'log'>,
  projectId: ProjectId,
): Promise<ReadonlyMap<string, string> | undefined> {
  const heads = await readJson(deps, keyOf(projectId), headsSchema);
  return heads && new Map(Object.entries(heads));
}

/**
 * Writes them for the next comparison. Written after everything that moved was looked at: one that was written too
 * early would hide a push; one that is too old costs a look.
 */
export async function writeKnownHeads(
  deps: Pick<Deps, 'objects'>,
  projectId: ProjectId,
  heads: ReadonlyMap<string, string>,
): Promise<void> {
  const text = JSON.stringify(Object.fromEntries(heads));
  await deps.objects.put(keyOf(projectId), text, 'application/json');
}

function keyOf(projectId: ProjectId): string {
  return `github/${encodeURIComponent(projectId)}/branches.json`;
}
