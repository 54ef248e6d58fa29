import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The path relative to the bundle in `.cache`. */
const files = fileURLToPath(new URL('../scripts/demo/harbour', import.meta.url));

/** The test command: readable output on standard output, JUnit XML for Berth. It needs no packages. */
export const testCommand = [
  'node --test',
  '--test-reporter=./reporter.js --test-reporter-destination=stdout',
  '--test-reporter=junit --test-reporter-destination=junit.xml',
].join(' ');
export const junitFile = 'junit.xml';

export interface Branch {
  readonly name: string;
  /** The difference from main. */
  readonly story: string;
  readonly sha: string;
  /** The number of tests, and how many of them fail. */
  readonly tests: number;
  readonly failing: number;
}

export interface HarbourRepository {
  readonly directory: string;
  readonly url: string;
  readonly branches: readonly Branch[];
}

interface Change {
  readonly name: string;
  readonly story: string;
  readonly tests: number;
  readonly failing: number;
  readonly apply: (directory: string) => Promise<void>;
}

const changes: readonly Change[] = [
  { name: 'main', story: 'assigns berths to ships', tests: 5, failing: 0, apply: async () => {} },
  {
    name: 'feature/overbooking',
    story: 'gives a berth to two ships: two tests fail',
    tests: 5,
    failing: 2,
    apply: (directory) => edit(directory, 'harbour.js', 'free.splice(index, 1)[0].name', 'free[index].name'),
  },
  {
    name: 'feature/draught',
    story: 'adds a test, which passes',
    tests: 6,
    failing: 0,
    apply: (directory) =>
      append(
        directory,
        'harbour.test.js',
        "\ntest('an empty harbour has no room', () => {\n  assert.deepEqual(assign([ketch], []), [null]);\n});\n",
      ),
  },
];

/** Creates a real git repository with three branches, independent of the user's git settings. */
export async function makeHarbourRepository(directory: string): Promise<HarbourRepository> {
  await cp(files, directory, { recursive: true });
  const git = gitIn(directory);
  await git('init', '--quiet', '--initial-branch=main');
  const branches: Branch[] = [];
  for (const { apply, ...change } of changes) {
    await git('checkout', '--quiet', '-B', change.name, ...(branches.length === 0 ? [] : ['main']));
    await apply(directory);
    await git('add', '--all');
    await git('commit', '--quiet', '--message', `feat: ${change.story}`);
    branches.push({ ...change, sha: await git('rev-parse', 'HEAD') });
  }
  await git('checkout', '--quiet', 'main');
  return { directory, url: pathToFileURL(directory).href, branches };
}

function gitIn(directory: string): (...args: readonly string[]) => Promise<string> {
  const settings = ['-c', 'user.name=Harbour Master', '-c', 'user.email=master@harbour.example'];
  const plain = [
    '-c',
    'commit.gpgsign=false',
    '-c',
    `core.hooksPath=${path.join(directory, '.git', 'no-hooks')}`,
  ];
  return async (...args) => {
    const { stdout } = await run('git', ['-C', directory, ...settings, ...plain, ...args]);
    return stdout.trim();
  };
}

async function edit(directory: string, name: string, from: string, to: string): Promise<void> {
  const file = path.join(directory, name);
  const text = await readFile(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no ${from} to change`);
  await writeFile(file, text.replace(from, to));
}

async function append(directory: string, name: string, text: string): Promise<void> {
  const file = path.join(directory, name);
  await writeFile(file, `${await readFile(file, 'utf8')}${text}`);
}
