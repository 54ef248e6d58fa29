/** The path of the settings in a repository. */
export const settingsPath = '.github/berth.yml';

/** The files whose text a guess may use, in each directory. */
export const glancedFiles = [
  'package.json',
  'pyproject.toml',
  'Makefile',
  'makefile',
  'GNUmakefile',
  'CMakeLists.txt',
  'Gemfile',
] as const;
export type GlancedFile = (typeof glancedFiles)[number];

/** The facts about a directory of a repository that are known without running anything. */
export interface RepositoryGlance {
  /** Names of the files and directories in it. */
  readonly names: ReadonlySet<string>;
  /** Those of {@link names} that are directories. */
  readonly directories: ReadonlySet<string>;
  /** The text of those of {@link glancedFiles} that it has. */
  readonly texts: Readonly<Partial<Record<GlancedFile, string>>>;
}

export interface GuessedCommand {
  /** The command that installs dependencies. If omitted, nothing must be installed. */
  readonly setup?: string;
  readonly command: string;
  /** The paths of the results; empty if they are found in the usual places or in the output. */
  readonly junit: readonly string[];
  /** Ends the sentence "Guessed, because …". */
  readonly because: string;
}
