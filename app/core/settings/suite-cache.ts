import { z } from 'zod';
import { type Cache, mostCaches } from '../model/cache.ts';
import type { GuessedCommand } from '../model/repository-glance.ts';
import { globsSchema } from './setting-values.ts';

type Preset = Omit<Cache, 'name'>;

/** The download directories of package managers, with their lock files. */
const cachePresets = {
  npm: { key: ['**/package-lock.json', '**/npm-shrinkwrap.json'], paths: ['~/.npm'] },
  pnpm: { key: ['**/pnpm-lock.yaml'], paths: ['~/.local/share/pnpm/store'] },
  yarn: { key: ['**/yarn.lock'], paths: ['~/.cache/yarn', '~/.yarn/berry/cache'] },
  pip: { key: ['**/requirements*.txt', '**/pyproject.toml', '**/setup.py'], paths: ['~/.cache/pip'] },
  uv: { key: ['**/uv.lock'], paths: ['~/.cache/uv'] },
  poetry: { key: ['**/poetry.lock'], paths: ['~/.cache/pypoetry'] },
  go: { key: ['**/go.sum'], paths: ['~/go/pkg/mod', '~/.cache/go-build'] },
  cargo: { key: ['**/Cargo.lock'], paths: ['~/.cargo/registry', '~/.cargo/git', 'target'] },
  maven: { key: ['**/pom.xml'], paths: ['~/.m2/repository'] },
  gradle: {
    key: ['**/*.gradle', '**/*.gradle.kts', '**/gradle-wrapper.properties', '**/libs.versions.toml'],
    paths: ['~/.gradle/caches', '~/.gradle/wrapper'],
  },
  bundler: { key: ['**/Gemfile.lock'], paths: ['vendor/bundle'] },
} as const satisfies Readonly<Record<string, Readonly<Record<keyof Preset, readonly string[]>>>>;

export type CachePreset = keyof typeof cachePresets;

// The keys of an object literal are known; `Object.keys` forgets them.
const presetNames = Object.keys(cachePresets) as CachePreset[];

const pathSchema = z
  .string()
  .max(300)
  .regex(/^[^\0\n\\*?[\]{}]+$/, 'a path without wildcards')
  .refine((path) => !path.split('/').includes('..'), 'a path without `..`')
  .transform((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''))
  .refine((path) => !['', '.', '~'].includes(path), 'a path below the repository or the home directory')
  .refine((path) => !/^~[^/]/.test(path), 'a path that begins with ~/, not with ~user')
  .refine((path) => !/^\/+(dev|proc|sys|run)(\/|$)/.test(path), 'a directory of files')
  .refine((path) => !/^\.git(\/|$)/.test(path), 'a path outside of .git');

const ownCacheSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'letters, digits, ., -, and _, at most 50')
      .optional()
      .meta({
        description:
          'Shown in the run. Caches with different names are separate: another name is an empty cache. Default: the first path.',
      }),
    key: globsSchema.meta({
      description:
        'Globs of files in the repository, such as lock files. While they are the same, the cache is complete.',
    }),
    paths: z
      .union([pathSchema, z.array(pathSchema).min(1).max(20, 'at most 20 paths')])
      .meta({ description: 'Paths to cache: paths in the repository, or paths that begin with ~/ or /.' }),
  })
  .transform(({ name, key, paths }): Cache => {
    const list = typeof paths === 'string' ? [paths] : paths;
    return { name: name ?? list[0] ?? '', key, paths: list };
  });

const wanted = `one of ${presetNames.join(', ')}, or an object with key and paths`;
const presetSchema = z.enum(presetNames, wanted).transform(presetCache);

export function presetCache(name: CachePreset): Cache {
  const { key, paths } = cachePresets[name];
  return { name, key: [...key], paths: [...paths] };
}

const oneSchema = z.union([ownCacheSchema, presetSchema], wanted);

/** A preset or a custom cache, or a list of them. */
export const cachesSchema = z
  .union([oneSchema, z.array(oneSchema).max(mostCaches, `at most ${mostCaches} caches`)])
  .transform((value) => (Array.isArray(value) ? value : [value]))
  .superRefine((caches, context) => {
    const names = caches.map(({ name }) => name);
    const double = names.find((name, index) => names.indexOf(name) !== index);
    if (double !== undefined)
      context.addIssue({ code: 'custom', message: `two caches have the name \`${double}\`` });
  });

/** Finds the tools that download packages in a guessed command. */
const tools: readonly (readonly [preset: CachePreset, command: RegExp])[] = [
  ['npm', /\bnpm ci\b/],
  ['pnpm', /\bpnpm install\b/],
  ['yarn', /\byarn install\b/],
  ['pip', /\bpip install\b/],
  ['uv', /\buv sync\b/],
  ['poetry', /\bpoetry install\b/],
  ['go', /\bgo test\b/],
  ['cargo', /\bcargo test\b/],
  ['maven', /\bmvnw? -B\b/],
  ['gradle', /\bgradlew? --no-daemon\b/],
];

export function cachesOfGuess({
  setup = '',
  command,
}: Pick<GuessedCommand, 'setup' | 'command'>): CachePreset[] {
  return tools.filter(([, pattern]) => pattern.test(`${setup}\n${command}`)).map(([preset]) => preset);
}
