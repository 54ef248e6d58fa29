import type { RepositoryGlance } from '../core/model/repository-glance.ts';

/**
 * Berth's requests to GitHub other than check runs. Calls that GitHub cannot answer at the moment throw `TryLater`
 * (core/model/errors), with GitHub's hint when to retry.
 */
export interface Github {
  readonly repositories: GithubRepositories;
  readonly pullRequests: GithubPullRequests;
  readonly conversations: GithubConversations;
  readonly deliveries: GithubDeliveries;
}

/** A repository, and the installation through which it is reached. Owner and name may change; the IDs do not. */
export interface RepositoryAddress {
  readonly installationId: number;
  readonly repositoryId: number;
  readonly owner: string;
  readonly repo: string;
}

export interface GithubRepositories {
  /** @returns undefined if there is no such file, or no such repository. */
  readFile(at: RepositoryAddress, path: string, ref: string): Promise<string | undefined>;
  /**
   * Returns the names in a directory of a commit, and the files from which a test command can be guessed.
   *
   * @param directory `''` for the root
   */
  glance(at: RepositoryAddress, ref: string, directory?: string): Promise<RepositoryGlance>;
  /** All branches with their head commits; undefined if there are more than Berth compares. */
  listBranches(at: RepositoryAddress): Promise<ReadonlyMap<string, string> | undefined>;
  /** The head commit of a branch; undefined if the branch does not exist. */
  headOf(at: RepositoryAddress, branch: string): Promise<string | undefined>;
  /** Files that differ between `head` and the merge base; undefined if there are more than GitHub lists. */
  changedFiles(at: RepositoryAddress, base: string, head: string): Promise<readonly string[] | undefined>;
  /**
   * Files that differ between the two. If neither contains the other, as after a force push, everything that either changed
   * since the merge base. Undefined if they cannot be compared, or there are more than GitHub lists.
   */
  filesBetween(at: RepositoryAddress, base: string, head: string): Promise<readonly string[] | undefined>;
  /** Whether a person may push to the repository. The answer may be a minute old. */
  mayWrite(at: RepositoryAddress, login: string): Promise<boolean>;
  listInstallations(): Promise<readonly number[]>;
  /** All repositories of an installation. @throws BerthError `project_suspended` if it was removed or suspended. */
  listInstalled(installationId: number): Promise<readonly InstalledRepository[]>;
}

export interface InstalledRepository extends RepositoryAddress {
  readonly defaultBranch: string;
  readonly isArchived: boolean;
}

/** The current state of a pull request. */
export interface PullRequest {
  readonly number: number;
  readonly isOpen: boolean;
  readonly isDraft: boolean;
  readonly headBranch: string;
  readonly headSha: string;
  /** The head is in another repository, or in a deleted one. */
  readonly isFork: boolean;
  /** If omitted, the head's repository was deleted. */
  readonly headRepositoryId?: number;
  /** `owner/name` of the head's repository. */
  readonly headRepository?: string;
  readonly baseBranch: string;
  readonly openedAt: Date;
}

export interface GithubPullRequests {
  /** @returns undefined if there is no such pull request. */
  get(at: RepositoryAddress, number: number): Promise<PullRequest | undefined>;
  listOpen(at: RepositoryAddress): Promise<readonly PullRequest[]>;
  /** Pull requests that merge a branch of the same repository. */
  listOpenOfBranch(at: RepositoryAddress, branch: string): Promise<readonly PullRequest[]>;
}

type Reaction = 'eyes' | '+1' | '-1' | 'confused';

export interface GithubConversations {
  react(at: RepositoryAddress, commentId: number, reaction: Reaction): Promise<void>;
  /**
   * Posts an answer in a pull request, once for each key, even after a crash.
   *
   * @param key identifies the answer, and is hidden in it.
   */
  reply(at: RepositoryAddress, pullRequest: number, key: string, body: string): Promise<void>;
  /**
   * Creates a comment that is edited later.
   *
   * @param options.mayExist an earlier call may have created it: the App's own comment that begins as `body` does is
   *   edited instead. No comment of another author is ever touched.
   * @returns its ID.
   */
  create(
    at: RepositoryAddress,
    pullRequest: number,
    body: string,
    options: { readonly mayExist: boolean },
  ): Promise<number>;
  /** @returns false if the comment is gone. */
  edit(at: RepositoryAddress, commentId: number, body: string): Promise<boolean>;
  /** No error if the comment is gone. */
  remove(at: RepositoryAddress, commentId: number): Promise<void>;
}

export interface GithubDeliveries {
  /**
   * Requests redelivery of every delivery of the App's webhook that failed since `since` and did not succeed later.
   *
   * @returns the number of redelivered events.
   */
  redeliverFailed(since: Date): Promise<number>;
}
