import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
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

/** What `npm init` writes; it always fails. */
const placeholder = 'no test specified';

/** Which package manager, told by its lock file, with what installs exactly what the lock file says. */
const managers = [
  { name: 'pnpm', locks: ['pnpm-lock.yaml'], install: 'pnpm install --frozen-lockfile', test: 'pnpm test' },
  { name: 'yarn', locks: ['yarn.lock'], install: 'yarn install --frozen-lockfile', test: 'yarn test' },
  {
    name: 'bun',
    locks: ['bun.lock', 'bun.lockb'],
    install: 'bun install --frozen-lockfile',
    test: 'bun run test',
  },
  { name: 'npm', locks: ['package-lock.json', 'npm-shrinkwrap.json'], install: 'npm ci', test: 'npm test' },
] as const;
type Manager = (typeof managers)[number];

/** The test script of a `package.json`, by the package manager that the repository uses. */
export function guessNodeCommand(glance: RepositoryGlance): GuessedCommand | undefined {
  const manifest = parse(glance.texts['package.json']);
  const script = manifest?.scripts?.test;
  if (manifest === undefined || script === undefined) return undefined;
  if (script.trim() === '' || script.includes(placeholder)) return undefined;

  const { manager, lock, because } = managerOf(glance, manifest);
  const setup = setupOf(glance, manifest, manager, lock);
  return omitUndefined({
    setup,
    command: manager?.test ?? 'npm test',
    junit: [],
    because: `package.json has a test script${because}`,
  });
}

function parse(text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  try {
    // Editors on Windows write a byte order mark, which JSON does not know.
    return manifestSchema.safeParse(JSON.parse(text.replace(/^\uFEFF/, ''))).data;
  } catch {
    // A manifest that cannot be read says nothing of tests; what else is there may.
    return undefined;
  }
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

/** Yarn 2 and later call the flag by another name. */
function isModernYarn({ names }: RepositoryGlance, { packageManager }: Manifest): boolean {
  const version = /^yarn@(\d+)/.exec(packageManager ?? '')?.[1];
  return version === undefined ? names.has('.yarnrc.yml') : Number(version) >= 2;
}
