import type { Octokit } from './github-app.ts';
import { orUndefined } from './missing.ts';

/** GitHub's comparison lists at most this many files: with more, the difference is unknown. */
const listedFiles = 300;

interface Comparison {
  /** Undefined if there are more than GitHub lists. */
  readonly files: readonly string[] | undefined;
  /** Whether the files are the difference between the two commits. */
  readonly isDifference: boolean;
}

/** @returns undefined if they cannot be compared, as with a commit that a force push removed: it is unknown what changed. */
export function compareCommits(
  octokit: Octokit,
  { owner, repo }: { readonly owner: string; readonly repo: string },
  base: string,
  head: string,
): Promise<Comparison | undefined> {
  return orUndefined(async () => {
    const basehead = `${base}...${head}`;
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ owner, repo, basehead });
    const listed = data.files ?? [];
    const files = listed.length >= listedFiles ? undefined : listed.flatMap(namesOf);
    const follows = data.status === 'ahead' || data.status === 'identical';
    return { files, isDifference: follows && files !== undefined };
  });
}

/** A renamed file counts under both names. */
function namesOf(file: { filename: string; previous_filename?: string }): string[] {
  return file.previous_filename === undefined ? [file.filename] : [file.filename, file.previous_filename];
}
