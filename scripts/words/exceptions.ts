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
  { text: 'Cancelling due to test failure', reason: 'a message of cargo nextest', in: 'test/unit/core/runs' },
  { text: 'closingTestPoint', reason: 'a field of tap-parser', in: 'runner-image' },
  { text: 'codePointAt', reason: 'a method of String' },
  { text: 'COLOUR', reason: 'a variable of a fixture', in: 'test/system/runner' },
  { text: 'GET /berths/{name}', reason: 'a route of the older API', in: 'test/unit/http' },
  { text: 'nobody/has', reason: 'an image name', in: 'test/system/container' },
  { text: 'neighbour', reason: 'a text of a fixture', in: 'test/system/container' },
  { text: 'Segmentation fault', reason: 'the name of SIGSEGV' },
  { text: 'a berth', reason: 'the example is about ships', in: 'docs/examples' },
  { text: 'berths', reason: 'the example is about ships', in: 'docs/examples' },
  { text: 'for Ever Given', reason: 'the name of a ship', in: 'docs/examples' },
  { text: '; else ', reason: 'code', in: 'docs/examples' },
  { text: '; else ', reason: 'code of a shell', in: 'test/system/runner' },
  { text: 'never share a berth', reason: 'the demo repository is about ships', in: 'test/system/demo' },
  { text: 'fromCodePoint', reason: 'a function of JavaScript' },
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
