import type { Cache } from '../core/model/cache.ts';
import type { Checkout as CheckoutSettings } from '../core/model/checkout.ts';
import { settingsPath } from '../core/model/repository-glance.ts';
import type { Service } from '../core/model/service.ts';
import { mergeSettings, readSettings, type Settings, settingsOfGuess } from '../core/settings/settings.ts';
import { cachesOfGuess, presetCache } from '../core/settings/suite-cache.ts';
import { nearestName } from '../lib/nearest-name.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { type Checkout, guessOfCommit } from './checkout.ts';
import { usageError } from './cli-error.ts';
import type { Git } from './git.ts';
import { visible } from './visible-text.ts';

type Suite = Settings['suites'][number];

/** The part of a suite that the API accepts, in the units of the API. */
export interface ChosenSuite {
  readonly command: string;
  /** The origin of a guessed command; ends the sentence "… because". If omitted, the command was given. */
  readonly origin?: string;
  /** The `.github/berth.yml` that says what was guessed. */
  readonly settings?: string;
  readonly name?: string;
  readonly setup?: string;
  readonly shell?: string;
  readonly rerun?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly cpuUnits?: number;
  readonly memoryMib?: number;
  readonly image?: string;
  readonly junit?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly retries?: number;
  readonly caches?: readonly Cache[];
  readonly services?: readonly Service[];
  readonly checkout?: CheckoutSettings;
  /** false: the suite needs no stack. */
  readonly stack?: boolean;
  /** Variables that the suite reads from a secret store. A run from this machine does not have them. */
  readonly secretNames?: readonly string[];
  /** Settings of the suite and its repository that a run from this machine does not use, such as `deploy`. */
  readonly unused?: readonly string[];
}

/**
 * Decides how a commit is tested: by a suite of its `.github/berth.yml`, as on its pull request, or by a guess.
 *
 * @param wanted the suite's name; if omitted, the only one, or the first.
 * @throws CliError `usage` if the suite does not exist, the settings have mistakes, or nothing is recognized.
 */
export async function chooseSuite(
  git: Git,
  checkout: Pick<Checkout, 'root' | 'sha' | 'directory'>,
  wanted: string | undefined,
): Promise<ChosenSuite> {
  const settings = await settingsOf(git, checkout);
  const suites = settings?.suites ?? [];
  const deploys = settings?.deploys ?? [];
  if (suites.length > 0) {
    const suite = wanted === undefined ? suites[0] : suites.find(({ name }) => name === wanted);
    if (suite === undefined) throw noSuchSuite(wanted ?? '', suites);
    const unused = unusedSettings(suite, deploys);
    return {
      ...ofSettings(suite, suites.length > 1 && wanted === undefined),
      ...(unused.length === 0 ? {} : { unused }),
    };
  }
  if (wanted !== undefined) {
    throw usageError(
      `There is no suite ${visible(wanted)}: this commit has no suites in ${settingsPath}.`,
      'Leave out --suite, or name the command with --command.',
    );
  }
  const guessed = await guessOfCommit(git, checkout);
  if (guessed === undefined) {
    throw usageError(
      'Berth could not detect how to test this repository.',
      `Set --command, or add ${settingsPath}.`,
    );
  }
  const { because, ...suite } = guessed;
  return {
    ...suite,
    caches: cachesOfGuess(guessed).map(presetCache),
    origin: `guessed: ${because}`,
    settings: settingsOfGuess(guessed),
    ...(deploys.length === 0 ? {} : { unused: ['deploy'] }),
  };
}

function unusedSettings(suite: Suite, deploys: Settings['deploys']): string[] {
  const isOnStack = suite.stack !== false;
  return [
    ...(isOnStack && deploys.length > 0 ? ['deploy'] : []),
    ...(suite.needs === undefined ? [] : ['needs']),
    ...(suite.concurrency === undefined ? [] : ['concurrency']),
    ...(isOnStack && suite.role !== undefined ? ['role'] : []),
    ...(isOnStack && (suite.teardown ?? deploys[0]?.teardown) !== undefined ? ['teardown'] : []),
  ];
}

async function settingsOf(
  git: Git,
  { root, sha }: Pick<Checkout, 'root' | 'sha'>,
): Promise<Pick<Settings, 'suites' | 'deploys'> | undefined> {
  const text = await git(['cat-file', 'blob', `${sha}:${settingsPath}`], root);
  if (text === undefined) return undefined;
  const reading = readSettings(text);
  if (reading.ok) return mergeSettings(reading.file, undefined);
  const places = reading.mistakes.map(
    ({ line, path, message }) =>
      `  ${settingsPath}:${line}: ${path === '' ? '' : `${visible(path)}: `}${visible(message)}`,
  );
  throw usageError(`The settings of this commit have mistakes:\n${places.join('\n')}`, 'Or use --command.');
}

function noSuchSuite(wanted: string, suites: readonly Suite[]): Error {
  const names = suites.map(({ name }) => name);
  const near = nearestName(wanted, names);
  return usageError(
    `${settingsPath} has no suite ${visible(wanted)}.`,
    near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${near}?`,
  );
}

function ofSettings(suite: Suite, hasOthers: boolean): ChosenSuite {
  const secretNames = Object.keys(suite.secrets ?? {});
  const { name, command, setup, shell, rerun, env, image, junit, artifacts, checkout } = suite;
  return {
    command,
    name,
    origin: `suite ${name} of ${settingsPath}${hasOthers ? ', the first; --suite names another' : ''}`,
    ...omitUndefined({
      setup,
      shell,
      rerun,
      env,
      image,
      junit,
      artifacts,
      checkout,
      timeoutSeconds: suite.timeout,
      cpuUnits: suite.cpu,
      memoryMib: suite.memory,
      retries: suite.retry,
      caches: suite.cache,
      services: suite.services,
    }),
    ...(suite.stack === false ? { stack: false } : {}),
    ...(secretNames.length === 0 ? {} : { secretNames }),
  };
}
