import { type BranchRead, readBranch } from '../../core/branches/branch-of.ts';
import type { BranchDeps } from '../../core/branches/reconcile-branch.ts';
import type { BranchKey } from '../../core/model/branch.ts';
import { type GithubProject, githubProjectId } from '../../core/projects/github-project.ts';
import { findInstalled } from '../../core/projects/reconcile-installation.ts';
import { type SetUpDeps, setUpProject } from '../../core/projects/set-up-project.ts';

/** The dependencies of the handlers of events about a branch. */
export type EventDeps = BranchDeps & SetUpDeps;

/** Reads the project that an event is about, and the stored branch, in one call. */
export async function branchOfEvent(
  deps: EventDeps,
  payload: RepositoryPayload,
  key: BranchKey,
): Promise<{ readonly project: GithubProject | undefined; readonly read: BranchRead }> {
  const repository = { repositoryId: payload.repository.id };
  const [project, read] = await Promise.all([
    projectOfEvent(deps, payload),
    readBranch(deps, repository, key),
  ]);
  return { project, read };
}

/** The common fields of all payloads about a repository. */
export interface RepositoryPayload {
  readonly repository: {
    readonly id: number;
    readonly name: string;
    readonly owner: { readonly login: string } | null;
    readonly default_branch?: string;
  };
  readonly installation?: { readonly id: number } | undefined;
  readonly sender?: { readonly login: string; readonly type?: string } | undefined;
}

/**
 * The project that an event is about. Berth trusts the payload only about repositories that it already knows, and
 * queries GitHub about all others, since the event may be late or come from an earlier installation.
 *
 * @returns undefined if no installation of the App has the repository, or the project is suspended.
 */
export async function projectOfEvent(
  deps: SetUpDeps,
  payload: RepositoryPayload,
): Promise<GithubProject | undefined> {
  const { repository, installation } = payload;
  if (installation === undefined || repository.owner === null) return undefined;
  const stored = await deps.store.projects.get(githubProjectId(repository.id));
  const known = stored?.github;
  const isKnown =
    known?.installationId === installation.id &&
    known.owner === repository.owner.login &&
    known.name === repository.name &&
    (repository.default_branch ?? known.defaultBranch) === known.defaultBranch;
  const github = isKnown ? known : ((await findInstalled(deps, installation.id, repository.id)) ?? known);
  if (github === undefined) return undefined;
  const project = await setUpProject(deps, github, stored);
  return project.suspendedAt === undefined ? project : undefined;
}

/** The commit that events name before a branch was created, and after it was deleted. */
export const noCommit = /^0+$/;

/** The person behind an event. */
export function actorOf({ sender }: Pick<RepositoryPayload, 'sender'>): { actor?: string } {
  return sender === undefined ? {} : { actor: sender.login };
}

/** A bot: its comments are not commands. */
export function isBot(user: { readonly login: string; readonly type?: string } | null | undefined): boolean {
  return user === null || user === undefined || user.type === 'Bot' || user.login.endsWith('[bot]');
}

/** How long GitHub's answers may be stale after a change. */
const freshSeconds = 30;

/**
 * @param at when something happened: ISO 8601, or seconds since 1970 as push events have it.
 * @returns true if GitHub's answers may still be stale.
 */
export function isFresh(at: string | number | null | undefined, now: Date): boolean {
  if (at === null || at === undefined) return false;
  const moment = typeof at === 'number' ? at * 1000 : Date.parse(at);
  return now.getTime() - moment < freshSeconds * 1000;
}
