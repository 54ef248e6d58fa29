import type { Github } from '../../ports/github.ts';
import type { Deps } from '../deps.ts';

/** Dependencies of the functions that call GitHub. */
export interface GithubDeps extends Deps {
  readonly github: Github;
  /** Where repositories are cloned from: `https://github.com`, or the address of GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** False if the operator turned comments in pull requests off. */
  readonly pullComments?: boolean | undefined;
}
