import type { GithubTarget } from '../../core/model/run.ts';
import type { Differences } from '../../ports/sources.ts';
import { compareCommits } from './compare-commits.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { orUndefined } from './missing.ts';

/**
 * Compares commits of runs on GitHub.
 *
 * GitHub's comparison lists the changes since the merge base. That is the difference only if the newer commit
 * contains the older one; otherwise, after a force push or on another branch, their trees are compared.
 *
 * @param others compares commits of all other runs.
 */
export function githubDifferences({
  github,
  others,
}: {
  github: GithubApp;
  others: Differences;
}): Differences {
  return {
    async between(run, base, head) {
      const { github: target } = run;
      if (target === undefined) return others.between(run, base, head);
      return github.asInstallation(target.installationId, async (octokit) => {
        const forward = await compareCommits(octokit, target, base, head);
        if (forward?.isDifference === true) return forward.files;
        const byTree = await treeDifference(octokit, target, base, head);
        if (byTree !== undefined) return byTree;
        // More than the difference: everything that either changed since the merge base.
        const backward = forward?.files && (await compareCommits(octokit, target, head, base));
        if (forward?.files === undefined || backward?.files === undefined) return undefined;
        return [...new Set([...forward.files, ...backward.files])];
      });
    },
  };
}

async function treeDifference(
  octokit: Octokit,
  target: GithubTarget,
  base: string,
  head: string,
): Promise<readonly string[] | undefined> {
  const before = await filesOf(octokit, target, base);
  const after = before && (await filesOf(octokit, target, head));
  if (before === undefined || after === undefined) return undefined;
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}

/** The identity and the mode of each file of a commit; undefined if GitHub does not list them all. */
async function filesOf(
  octokit: Octokit,
  { owner, repo }: GithubTarget,
  commit: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const answer = await orUndefined(() =>
    octokit.rest.git.getTree({ owner, repo, tree_sha: commit, recursive: '1' }),
  );
  if (answer === undefined || answer.data.truncated) return undefined;
  const files = new Map<string, string>();
  for (const { path, type, mode, sha } of answer.data.tree) {
    if (type === 'tree') continue;
    // A listing that does not identify the files cannot be compared.
    if (typeof sha !== 'string') return undefined;
    files.set(path, `${mode} ${sha}`);
  }
  return files;
}
