import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { parseJson } from '../../lib/parse-json.ts';
import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';

const dependencies = z.record(z.string(), z.unknown()).optional().catch(undefined);
const manifestSchema = z.object({
  scripts: z
    .object({ test: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  packageManager: z.string().optional().catch(undefined),
  dependencies,
  devDependencies: dependencies,
  optionalDependencies: dependencies,
  peerDependencies: dependencies,
  workspaces: z.unknown().optional(),
});
type Manifest = z.infer<typeof manifestSchema>;

/** The command that `npm init` writes; it always fails. */
const placeholder = 'no test specified';

/** The package managers by lock file, with the command that installs exactly the locked versions. */
const managers = [
  { name: 'pnpm', locks: ['pnpm-lock.yaml'], install: 'pnpm install --frozen-lockfile' },
  { name: 'yarn', locks: ['yarn.lock'], install: 'yarn install --frozen-lockfile' },
  {
    name: 'bun',
    locks: ['bun.lock', 'bun.lockb'],
    install: 'bun install --frozen-lockfile',
  },
  { name: 'npm', locks: ['package-lock.json', 'npm-shrinkwrap.json'], install: 'npm ci' },
] as const;
type Manager = (typeof managers)[number];

/** A test tool whose reporter does not change its output. */
interface Reporter {
  readonly tool: RegExp;
  /** The script already chooses reporters. */
  readonly unless: RegExp;
  readonly options: string;
  readonly report: string;
}

const reporters: readonly Reporter[] = [
  {
    tool: /(?:^|\s)vitest(?:\s|$)/,
    unless: /--reporter|--outputFile|\b(?:bench|list|typecheck)\b/,
    options: '--reporter=default --reporter=junit --outputFile.junit=berth-junit.xml',
    report: '**/berth-junit.xml',
  },
  {
    tool: /(?:^|\s)(?:jest|react-scripts test)(?:\s|$)/,
    unless: /--json|--outputFile|--reporters|--watch/,
    options: '--json --outputFile=berth-jest.json --testLocationInResults',
    report: '**/berth-jest.json',
  },
];

/** Guesses the command for the test script of a `package.json` with the package manager of the repository. */
export function guessNodeCommand(glance: RepositoryGlance): GuessedCommand | undefined {
  const manifest = parse(glance.texts['package.json']);
  const script = manifest?.scripts?.test;
  if (manifest === undefined || script === undefined) return undefined;
  if (script.trim() === '' || script.includes(placeholder)) return undefined;

  const { manager, lock, because } = managerOf(glance, manifest);
  const reporter = reporterOf(script);
  return omitUndefined({
    setup: setupOf(glance, manifest, manager, lock),
    command: withOptions(manager?.name ?? 'npm', reporter?.options),
    junit: reporter === undefined ? [] : [reporter.report],
    because: `package.json has a test script${because}`,
  });
}

/** The commands to install a workspace, and to test one of its packages. */
export interface NodeWorkspace {
  readonly setup: string;
  /** Without a lock file, the package manager is unknown. */
  commandOf(command: string): string;
}

/** @returns undefined if the directory is not the root of a workspace. */
export function guessNodeWorkspace(glance: RepositoryGlance): NodeWorkspace | undefined {
  const manifest = parse(glance.texts['package.json']);
  if (manifest === undefined) return undefined;
  if (manifest.workspaces === undefined && !glance.names.has('pnpm-workspace.yaml')) return undefined;
  const { manager, lock } = managerOf(glance, manifest);
  const name = manager?.name ?? 'npm';
  return {
    setup: setupOf(glance, manifest, manager, lock) ?? `${name} install`,
    commandOf: (command) =>
      command.startsWith('npm test') ? withOptions(name, /^npm test -- (.*)$/.exec(command)?.[1]) : command,
  };
}

/** Options are added at the end of the script, so only its last command can take them. */
function reporterOf(script: string): Reporter | undefined {
  const last = script.split('&&').at(-1) ?? '';
  // In quotes or after a pipe, the end of the script is not the end of the command.
  if (/[|;"'`$()<>]/.test(last)) return undefined;
  return reporters.find(({ tool, unless }) => tool.test(last) && !unless.test(last));
}

function withOptions(manager: Manager['name'], options: string | undefined): string {
  const command = manager === 'bun' ? 'bun run test' : `${manager} test`;
  if (options === undefined) return command;
  return manager === 'npm' ? `${command} -- ${options}` : `${command} ${options}`;
}

function parse(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  // Editors on Windows write a byte order mark, which JSON does not allow. A manifest that cannot be read does not mention
  // tests; other files may.
  return manifestSchema.safeParse(parseJson(text.replace(/^\uFEFF/, ''))).data;
}

function managerOf(
  { names }: RepositoryGlance,
  { packageManager }: Manifest,
): { manager: Manager | undefined; lock: string | undefined; because: string } {
  const lockOf = (manager: Manager) => manager.locks.find((name) => names.has(name));
  // `name@version`, read by corepack: https://nodejs.org/api/packages.html#packagemanager
  const named = managers.find(({ name }) => packageManager?.startsWith(`${name}@`) === true);
  if (named !== undefined) {
    return {
      manager: named,
      lock: lockOf(named),
      because: `, and names ${named.name} as its package manager`,
    };
  }
  const locked = managers.find((manager) => lockOf(manager) !== undefined);
  const lock = locked === undefined ? undefined : lockOf(locked);
  return { manager: locked, lock, because: lock === undefined ? '' : `, and there is a ${lock}` };
}

function setupOf(
  glance: RepositoryGlance,
  manifest: Manifest,
  manager: Manager | undefined,
  lock: string | undefined,
): string | undefined {
  if (manager !== undefined && lock !== undefined) {
    return manager.name === 'yarn' && isModernYarn(glance, manifest)
      ? 'yarn install --immutable'
      : manager.install;
  }
  const wanted = [
    manifest.dependencies,
    manifest.devDependencies,
    manifest.optionalDependencies,
    manifest.peerDependencies,
  ].some((list) => list !== undefined && Object.keys(list).length > 0);
  return wanted || manifest.workspaces !== undefined ? `${manager?.name ?? 'npm'} install` : undefined;
}

/** Yarn 2 and later have another name for the flag. */
function isModernYarn({ names }: RepositoryGlance, { packageManager }: Manifest): boolean {
  const version = /^yarn@(\d+)/.exec(packageManager ?? '')?.[1];
  return version === undefined ? names.has('.yarnrc.yml') : Number(version) >= 2;
}
