import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RepositoryAddress } from '../../ports/github.ts';
import type { GithubDeps } from '../deps.ts';
import { settingsPath } from '../model/repository-glance.ts';
import { guessRepository } from './guess-repository.ts';
import type { Settings, SettingsMistake } from './settings.ts';
import { cachesOfGuess, presetCache } from './suite-cache.ts';

export type RepositorySettings =
  | { readonly kind: 'settings'; readonly settings: Settings; readonly note?: string }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly SettingsMistake[]; readonly file: string }
  /** No suite is configured, and none can be guessed. */
  | { readonly kind: 'nothing'; readonly settings: Settings };

/** The repository of an organization whose settings are defaults for all its repositories. */
const organisationRepository = '.github';

/**
 * Reads the settings for a commit: its `.github/berth.yml` merged with that of the organization, or a guess if neither
 * names a suite.
 */
export async function readRepositorySettings(
  deps: Pick<GithubDeps, 'github'>,
  at: RepositoryAddress,
  ref: string,
): Promise<RepositorySettings> {
  const { repositories } = deps.github;
  // Loaded on use: the YAML parser is a tenth of the code that a webhook's function would load at its start.
  const [{ mergeSettings, readSettings, settingsOfGuess }, ownText, organisationText] = await Promise.all([
    import('./settings.ts'),
    repositories.readFile(at, settingsPath, ref),
    repositories.readFile({ ...at, repo: organisationRepository }, settingsPath, 'HEAD'),
  ]);
  const own = ownText === undefined ? undefined : readSettings(ownText);
  if (own?.ok === false) return { kind: 'mistakes', mistakes: own.mistakes, file: settingsPath };
  const organisation = organisationText === undefined ? undefined : readSettings(organisationText);
  if (organisation?.ok === false) {
    const file = `${at.owner}/${organisationRepository}: ${settingsPath}`;
    return { kind: 'mistakes', mistakes: organisation.mistakes, file };
  }
  const settings = mergeSettings(own?.file, organisation?.file);
  const taken = settings.suites.find(({ name }) => settings.deploys.some((deploy) => deploy.name === name));
  if (taken !== undefined) {
    const message = `The check berth/${taken.name} belongs to the deployment in the settings of the organization: give this suite another name.`;
    const mistakes = [{ line: 1, path: `suites.${taken.name}`, message }];
    return { kind: 'mistakes', mistakes, file: settingsPath };
  }
  if (settings.suites.length > 0) return { kind: 'settings', settings };

  const defaults = { ...organisation?.file.defaults, ...own?.file.defaults };
  const root = defaults['working-directory'] ?? defaults.checkout?.path;
  const inRoot = (directory: string): string =>
    [root, directory].filter((part) => part !== undefined && part !== '').join('/');
  const guess = await guessRepository((directory) => repositories.glance(at, ref, inRoot(directory)));
  if (guess === undefined) return { kind: 'nothing', settings };
  const suite = omitUndefined({
    command: guess.command,
    setup: guess.setup,
    cache: defaults.cache ?? cachesOfGuess(guess).map(presetCache),
    junit: guess.junit.length === 0 ? undefined : guess.junit.map(inRoot),
  });
  const note = `There is no ${settingsPath}. The command was guessed because ${guess.because}. To keep it, or to change it, commit ${settingsPath}:\n\n${settingsOfGuess(guess)}`;
  const withGuess = { ...own?.file, suites: { test: suite } };
  return { kind: 'settings', settings: mergeSettings(withGuess, organisation?.file), note };
}
