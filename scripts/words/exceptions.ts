/** A text that stays although a rule names it, and why. */
export interface Exception {
  text: string;
  reason: string;
  /** The file or folder that it is allowed in. Everywhere, if omitted. */
  in?: string;
}

export const exceptions: readonly Exception[] = [
  { text: 'nobody:nogroup', reason: 'a user and group of Unix' },
  { text: '@octokit/', reason: 'a package name' },
];
