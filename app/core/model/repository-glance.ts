/** The files whose text a guess may use, where the repository has them at its root. */
export const glancedFiles = [
  'package.json',
  'pyproject.toml',
  'Makefile',
  'makefile',
  'GNUmakefile',
] as const;
export type GlancedFile = (typeof glancedFiles)[number];

/** What can be seen of a repository without running anything. */
export interface RepositoryGlance {
  /** Names of the files at its root. */
  readonly names: ReadonlySet<string>;
  /** The text of those of {@link glancedFiles} that it has. */
  readonly texts: Readonly<Partial<Record<GlancedFile, string>>>;
}

/** How a repository is probably tested. */
export interface GuessedCommand {
  /** What has to be installed first; absent where nothing has. */
  readonly setup?: string;
  readonly command: string;
  /** Where the command leaves JUnit XML; empty where nobody can know. */
  readonly junit: readonly string[];
  /** Ends the sentence "Guessed, because …". */
  readonly because: string;
}
