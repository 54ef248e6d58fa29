import { later } from '../../lib/later.ts';
import type { Deps, GithubDeps } from '../deps.ts';
import { type Branch, isMergeGroup, type OpenPull } from '../model/branch.ts';
import { TryLater } from '../model/errors.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { branchOfPull, openPull } from './branch-of.ts';

/** The current state of a branch at GitHub. */
export interface SeenBranch {
  /** Undefined if the branch does not exist. */
  readonly head: string | undefined;
  readonly pulls: readonly OpenPull[];
  /** `owner/name` of a fork. */
  readonly fork?: string;
}

/** The facts of a fresh event; an answer of GitHub that contradicts them is older, and is requested again. */
export interface FreshFacts {
  /** A commit that is no longer the head. */
  readonly replaced?: string;
  readonly openPull?: number;
  readonly closedPull?: number;
}

/**
 * The part of a branch that may have changed. One call to GitHub is enough if it is known: a branch that was `created` or
 * `deleted` has no pull request.
 */
export type Aspect = 'head' | 'created' | 'deleted' | 'pulls' | 'all';

/**
 * Reads the current state of a branch from GitHub.
 *
 * @param pullNumbers pull requests that may belong to the branch of a fork, which GitHub does not list by its key.
 * @throws TryLater if the answer contradicts a fresh event.
 */
export async function observeBranch(
  deps: Pick<GithubDeps, 'clock' | 'github'>,
  project: GithubProject,
  branch: Branch,
  options: { aspect: Aspect; pullNumbers: readonly number[]; fresh: FreshFacts },
): Promise<SeenBranch> {
  const seen = branch.isTrusted
    ? await observeOwn(deps, project, branch, options.aspect)
    : await observeFork(deps, project, branch, options.pullNumbers);
  refuseOutdated(deps, seen, options.fresh);
  return seen;
}

async function observeOwn(
  { github }: Pick<GithubDeps, 'github'>,
  project: GithubProject,
  branch: Branch,
  aspect: Aspect,
): Promise<SeenBranch> {
  const at = addressOf(project);
  const isKnown = branch.revision > 0;
  const headOf = () => github.repositories.headOf(at, branch.name);
  // The branch of a merge group has no pull request. A push to another branch only reports its head.
  const isHeadOnly = isMergeGroup(branch) || (aspect === 'head' && isKnown && branch.pulls.length === 0);
  if (isHeadOnly || (aspect === 'created' && branch.pulls.length === 0))
    return { head: await headOf(), pulls: [] };
  if (aspect === 'deleted' && (await headOf()) === undefined) return { head: undefined, pulls: [] };
  const pulls = await github.pullRequests.listOpenOfBranch(at, branch.name);
  const [first] = pulls;
  if (first !== undefined) return { head: first.headSha, pulls: pulls.map(openPull) };
  const isHeadKnown = aspect === 'pulls' && isKnown && branch.head !== undefined;
  return { head: isHeadKnown ? branch.head : await headOf(), pulls: [] };
}

async function observeFork(
  { github }: Pick<GithubDeps, 'github'>,
  project: GithubProject,
  branch: Branch,
  more: readonly number[],
): Promise<SeenBranch> {
  const numbers = new Set([...branch.pulls.map(({ number }) => number), ...more]);
  const pulls: OpenPull[] = [];
  let head: string | undefined;
  let fork: string | undefined;
  for (const number of numbers) {
    const pull = await github.pullRequests.get(addressOf(project), number);
    if (pull === undefined || !pull.isOpen) continue;
    const key = branchOfPull(project, pull);
    if (key.repositoryId !== branch.repositoryId || key.name !== branch.name) continue;
    head = pull.headSha;
    fork = pull.headRepository;
    pulls.push(openPull(pull));
  }
  return fork === undefined ? { head, pulls } : { head, pulls, fork };
}

function refuseOutdated({ clock }: Pick<Deps, 'clock'>, seen: SeenBranch, fresh: FreshFacts): void {
  const has = (number: number | undefined): boolean => seen.pulls.some((pull) => pull.number === number);
  const isOutdated =
    (fresh.replaced !== undefined && seen.head === fresh.replaced) ||
    (fresh.openPull !== undefined && !has(fresh.openPull)) ||
    (fresh.closedPull !== undefined && has(fresh.closedPull));
  if (isOutdated) throw new TryLater(later(clock.now(), 3), 'GitHub does not show the change yet');
}
