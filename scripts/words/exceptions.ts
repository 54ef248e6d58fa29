/** A text that stays although a rule names it, and why. */
export interface Exception {
  text: string;
  reason: string;
  /** The file or folder that it is allowed in. Everywhere, if omitted. */
  in?: string;
}

export const exceptions: readonly Exception[] = [
  { text: 'nobody:nogroup', reason: 'a user and group of Unix' },
  { text: 'segmentation fault', reason: 'the name of SIGSEGV' },
  { text: 'closingTestPoint', reason: 'a field of tap-parser', in: 'runner-image' },
  { text: 'codePointAt', reason: 'a method of String' },
  { text: '@octokit/', reason: 'a package name' },
  { text: 'harbour', reason: 'the name of the demo repository' },
  { text: 'Harbour', reason: 'the name of the demo repository' },
  { text: 'assigns berths to ships', reason: 'the demo repository is about ships', in: 'scripts/demo' },
  { text: 'gives a berth to two ships', reason: 'the demo repository is about ships', in: 'scripts/demo' },
  { text: 'fits a berth', reason: 'the demo repository is about ships', in: 'scripts/demo/harbour' },
  { text: 'share a berth', reason: 'the demo repository is about ships', in: 'scripts/demo/harbour' },
  {
    text: 'the berth is long enough',
    reason: 'the demo repository is about ships',
    in: 'scripts/demo/harbour',
  },
  { text: 'free berth', reason: 'the demo repository is about ships', in: 'scripts/demo/harbour' },
];
