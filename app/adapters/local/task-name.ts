import type { RunId } from '../../core/model/ids.ts';
import { runId } from '../../core/model/ids.ts';

/** Names the task of a run for the local executors: unique, and safe as the name of a file or a container. */
export function taskName(id: RunId, launch: number): string {
  return `${id}-${launch}`;
}

/** Parses a name that {@link taskName} created; undefined for any other text. */
export function parseTaskName(name: string): { readonly runId: RunId; readonly launch: number } | undefined {
  const match = /^([A-Za-z0-9_-]+)-([1-9]\d*)$/.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { runId: runId(match[1]), launch: Number(match[2]) };
}

/** Parses a name that {@link taskName} created. */
export function partsOfTaskName(name: string) {
  const parts = parseTaskName(name);
  if (parts === undefined) throw new Error(`invalid task name: ${name}`);
  return parts;
}
