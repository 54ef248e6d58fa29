import { isCollection, isMap, isScalar, type Node, stringify } from 'yaml';
import type { z } from 'zod';
import { issueText, nearestBranch } from '../../lib/issue-text.ts';
import { nearestName } from '../../lib/nearest-name.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GuessedCommand } from '../model/repository-glance.ts';
import { parseYaml } from './parse-yaml.ts';
import {
  type DeploySettings,
  deploySchema,
  type SettingsFile,
  settingsFileSchema,
} from './settings-schema.ts';
import { cachesOfGuess } from './suite-cache.ts';
import { combinationName, combinationsOf, withCombination } from './suite-matrix.ts';
import { neededSuites } from './suite-needs.ts';
import { type SuiteSettings, suiteSchema, suiteShape } from './suite-schema.ts';
import { serviceKeys } from './suite-services.ts';

export interface SettingsMistake {
  /** 1 for the first line of the file. */
  readonly line: number;
  /** A path such as `suites.unit.timeout`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
}

export type SettingsReading =
  | { readonly ok: true; readonly file: SettingsFile }
  | { readonly ok: false; readonly mistakes: readonly SettingsMistake[] };

/** Far larger than any settings that a person writes. */
const maxCharacters = 200_000;
/** More than a person reads. Finding the line of each takes time. */
const mostIssues = 100;

/**
 * Parses `.github/berth.yml`. Never throws: the result is either a valid file or at least one
 * mistake, and every mistake has a line.
 */
export function readSettings(text: string): SettingsReading {
  if (text.length > maxCharacters) {
    return {
      ok: false,
      mistakes: [{ line: 1, path: '', message: 'The file has more than 200,000 characters.' }],
    };
  }
  const yaml = parseYaml(text);
  if (!yaml.ok) {
    const mistakes = yaml.mistakes.map(({ line, message }) => ({
      line,
      path: '',
      message: sentence(message),
    }));
    return { ok: false, mistakes };
  }
  const { value, root, lineAt } = yaml;
  // A file with only comments is empty, which is allowed.
  const checked = settingsFileSchema.safeParse(value ?? {});
  if (checked.success) return { ok: true, file: checked.data };
  const issues = checked.error.issues.slice(0, mostIssues);
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, root, lineAt));
  return { ok: false, mistakes: mistakes.sort((a, b) => a.line - b.line) };
}

type Issue = z.core.$ZodIssue;

function mistakesOf(issue: Issue, root: Node | null, lineAt: (offset: number) => number): SettingsMistake[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const line = (...more: string[]): number => lineAt(offsetOf(root, [...path, ...more]));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, mostIssues).map((key) => {
      const meant = nearestName(key, knownKeys(path));
      const ofSuites = path[0] === 'defaults' && key in suiteSchema.shape;
      const hint = ofSuites
        ? ' Set it in each suite.'
        : meant === undefined
          ? ''
          : ` Did you mean \`${meant}\`?`;
      return {
        line: line(key),
        path: [...path, key].join('.'),
        message: `There is no setting \`${key}\` here.${hint}`,
      };
    });
  }
  // The mistake in the closest alternative is more helpful than "none matches".
  if (issue.code === 'invalid_union') {
    const inner = isDeployUnion(path)
      ? deployBranch(issue.errors, root)
      : (nearestBranch(issue.errors) ?? (hasOwnMessage(issue) ? [] : issue.errors.at(-1)) ?? []);
    if (inner.length > 0) {
      return inner.flatMap((one) => mistakesOf({ ...one, path: [...issue.path, ...one.path] }, root, lineAt));
    }
  }
  if (issue.code === 'invalid_type' && path.length > 0 && isCollection(root) && !root.hasIn(path)) {
    return [{ line: line(), path: path.join('.'), message: `\`${path.at(-1)}\` is missing.` }];
  }
  // For a refused name, the reason is one level below.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ line: line(), path: path.join('.'), message: sentence(message) }];
}

/** Whether a union says what it allows. */
function hasOwnMessage({ message }: Issue): boolean {
  return message !== 'Invalid input';
}

function isDeployUnion(path: readonly (string | number)[]): boolean {
  return path.length === 1 && path[0] === 'deploy';
}

/** The two forms of `deploy`, one deployment or several by name, differ in the values of their keys. */
function deployBranch(
  [single = [], named = []]: readonly (readonly Issue[])[],
  root: Node | null,
): readonly Issue[] {
  const deploy = isMap(root) ? root.get('deploy') : undefined;
  const isSetting = (key: unknown): boolean => String(key) in deploySchema.shape;
  const isNamed =
    isMap(deploy) &&
    !deploy.has('command') &&
    deploy.items.some(({ key, value }) => isMap(value) && !isSetting(isScalar(key) ? key.value : key));
  return isNamed ? named : single;
}

function knownKeys(path: readonly (string | number)[]): string[] {
  if (path.length === 0) return Object.keys(settingsFileSchema.shape);
  if (path.includes('services')) return [...serviceKeys];
  if (path[0] === 'defaults') return Object.keys(suiteShape);
  if (path[0] === 'suites') return [...Object.keys(suiteSchema.shape), 'hold', 'sharesStack'];
  if (path[0] === 'deploy') return Object.keys(deploySchema.shape);
  return path[0] === 'stack' ? ['prefix', 'maxStacks', 'hold', 'queue', 'reclaimAfter'] : ['secrets'];
}

/** Finds the position of the value at a path; if it does not exist, of the nearest parent. */
function offsetOf(root: Node | null, path: readonly (string | number)[]): number {
  let offset = root?.range?.[0] ?? 0;
  let node: unknown = root;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (pair === undefined) return offset;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else {
      const items: unknown =
        typeof node === 'object' && node !== null && 'items' in node ? node.items : undefined;
      node = Array.isArray(items) ? items[Number(part)] : undefined;
      offset = rangeStart(node) ?? offset;
    }
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : undefined;
}

function sentence(message: string): string {
  const text = issueText(message).replace(/\s+/g, ' ').trim();
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** The pool settings of a repository; undefined keeps those of the project. */
export type PoolSettings = Exclude<SettingsFile['stack'], undefined>;

/** A deployment, with the name of its check and its runs: `deploy`, or `deploy/api`. */
export type NamedDeploy = DeploySettings & {
  readonly name: string;
  readonly teardown?: SettingsFile['teardown'];
};

/** The effective settings of one repository. */
export interface Settings {
  /** In the order in which they run on a stack. */
  readonly deploys: readonly NamedDeploy[];
  readonly suites: readonly (SuiteSettings & { readonly name: string })[];
  readonly stack: PoolSettings | undefined;
  readonly tags: boolean;
  /** Whether pull requests get a comment. */
  readonly comment: boolean;
  readonly forkSecrets: boolean;
}

/**
 * Merges the repository's settings with the organization's defaults: the repository takes precedence; `defaults` and
 * `stack` are merged key by key; `suites` are the repository's if it names any.
 */
export function mergeSettings(
  repository: SettingsFile | undefined,
  organisation: SettingsFile | undefined,
): Settings {
  const defaults = { ...organisation?.defaults, ...repository?.defaults };
  const suites = repository?.suites ?? organisation?.suites ?? {};
  return {
    deploys: deploysOf(
      repository?.deploy ?? organisation?.deploy,
      repository?.teardown ?? organisation?.teardown,
      defaults,
    ),
    suites: Object.entries(suites).flatMap(([name, suite]) =>
      suitesOf(name, {
        ...defaults,
        ...suite,
        ...(suite.needs === undefined ? {} : { needs: neededSuites(suites, name) }),
        env: { ...organisation?.defaults?.env, ...repository?.defaults?.env, ...suite.env },
        secrets: { ...organisation?.defaults?.secrets, ...repository?.defaults?.secrets, ...suite.secrets },
      }),
    ),
    stack: mergePools(repository?.stack, organisation?.stack),
    comment: repository?.comment ?? organisation?.comment ?? true,
    tags: repository?.tags ?? organisation?.tags ?? false,
    forkSecrets: repository?.forks?.secrets ?? organisation?.forks?.secrets ?? false,
  };
}

/** A suite with a matrix is one suite for each combination. */
function suitesOf(name: string, { matrix, ...suite }: SuiteSettings): Settings['suites'] {
  if (matrix === undefined) return [{ ...inDirectory(suite), name }];
  return combinationsOf(matrix).map((combination) => ({
    ...inDirectory(withCombination(suite, combination)),
    name: combinationName(name, matrix, combination),
  }));
}

function inDirectory({ 'working-directory': path, ...suite }: SuiteSettings): SuiteSettings {
  return path === undefined ? suite : { ...suite, checkout: { ...suite.checkout, path } };
}

function deploysOf(
  deploy: SettingsFile['deploy'],
  teardown: SettingsFile['teardown'],
  defaults: NonNullable<SettingsFile['defaults']>,
): readonly NamedDeploy[] {
  if (deploy === undefined) return [];
  const { setup, timeout, image, cpu, memory, disk, cache, checkout, shell } = defaults;
  const directory = { 'working-directory': defaults['working-directory'] };
  const shared = omitUndefined({
    setup,
    timeout,
    image,
    cpu,
    memory,
    disk,
    cache,
    checkout,
    shell,
    ...directory,
  });
  const named = (name: string, own: DeploySettings): NamedDeploy => ({
    ...shared,
    ...own,
    env: { ...defaults.env, ...own.env },
    secrets: { ...defaults.secrets, ...own.secrets },
    name,
  });
  const deploys = isSingle(deploy)
    ? [named('deploy', deploy)]
    : Object.entries(deploy).map(([name, own]) => named(`deploy/${name}`, own));
  // A stack is torn down once, whatever number of deployments it has.
  return deploys.map((one, index) => (index > 0 || teardown === undefined ? one : { ...one, teardown }));
}

function isSingle(deploy: NonNullable<SettingsFile['deploy']>): deploy is DeploySettings {
  return typeof deploy.command === 'string';
}

function mergePools(own: SettingsFile['stack'], others: SettingsFile['stack']): SettingsFile['stack'] {
  if (own === undefined) return others;
  return own === false || others === undefined || others === false ? own : { ...others, ...own };
}

/** Writes the guess as a `.github/berth.yml`. */
export function settingsOfGuess({ setup, command, junit }: GuessedCommand): string {
  const cache = oneOrList(cachesOfGuess({ ...omitUndefined({ setup }), command }));
  const suite = omitUndefined({ setup, command, cache, junit: oneOrList(junit) });
  return stringify({ suites: { test: suite } }, { lineWidth: 0 });
}

function oneOrList(list: readonly string[]): string | readonly string[] | undefined {
  return list.length > 1 ? list : list[0];
}
