import type { Finding } from '../core/model/app-check.ts';
import type { Scope } from '../core/model/project.ts';
import type { Git } from './git.ts';
import type { Terminal } from './terminal.ts';

/** The network and the clock of the client; tests provide their own. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** @throws the reason of the signal if it fires first. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => Date;
  /** Returns a uniform random number in [0, 1). */
  readonly random: () => number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A server in this process. */
export interface OwnServer {
  readonly url: string;
  /** Absolute path of its data directory. */
  readonly dataDir: string;
  /** The executor that runs the tests, and the reason for the choice. */
  readonly executorReason: string;
  /** The places of its data and of the logs of its tests. */
  readonly storage: {
    readonly store: 'embedded' | 'dynamodb';
    readonly objects: 'files' | 's3';
    readonly logs: 'files' | 'cloudwatch';
  };
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
  /** The project of the first API key. */
  readonly projectName: string;
  /** The first API key, to be shown once. If omitted, an earlier start created it. */
  readonly firstKey?: string;
  /** The URL of the setup page of the GitHub App. If omitted, an App exists. */
  readonly setupUrl?: string;
  /** Stops listening and releases the data directory. */
  close(): Promise<void>;
}

/** Ctrl-C and termination signals. */
export interface Interrupts {
  /**
   * Takes over the first Ctrl-C: it aborts the signal, with a sentence as its reason, and the command ends in good order. A
   * second Ctrl-C ends the process immediately. So does the first one if no command handles it.
   */
  take(): AbortSignal;
}

/** The dependencies of commands, created by the entry point. */
export interface CliContext {
  /** The version of Berth in `package.json`. */
  readonly version: string;
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Absolute path of the working directory. */
  readonly directory: string;
  readonly transport: Transport;
  readonly git: Git;
  readonly interrupts: Interrupts;
  /** Returns a unique text: an idempotency key, or the random part of an API key. */
  readonly unique: () => string;
  /** Creates a directory with its parents, for this user only. */
  readonly makeDirectory: (directory: string) => Promise<unknown>;
  /** Starts a server in this process. @param changes variables over those of {@link env}. */
  readonly startServer: (changes: Readonly<Record<string, string>>) => Promise<OwnServer>;
  /**
   * Makes sure that the tests and the data directory of a server in this process end with it, even if it is killed.
   *
   * @param env the configuration of that server, without secrets.
   */
  readonly guardOwnServer: (env: Readonly<Record<string, string>>) => void;
  /** Blanks every configuration variable but the ones in `keep`: a server for one purpose ignores its surroundings. */
  readonly isolatedEnvironment: (keep: readonly string[]) => Readonly<Record<string, string>>;
  /** Creates an API key in a data directory, without a server. @throws BerthError `data_dir_in_use`, `project_not_found`. */
  readonly createKeyOffline: (
    key: { name: string; scope: Scope; allProjects: boolean; project?: string },
    changes: Readonly<Record<string, string>>,
  ) => Promise<{ readonly id: string; readonly plain: string }>;
  /** Deletes old runs from a data directory, without a server. @throws BerthError `data_dir_in_use`. */
  readonly prune: (
    limits: { readonly olderThanDays?: number; readonly keep?: number },
    changes: Readonly<Record<string, string>>,
  ) => Promise<{ readonly deleted: number }>;
  /**
   * Checks everything that a server on this machine depends on.
   *
   * @param options.changes variables over those of {@link env}. @throws BerthError `config_invalid`.
   */
  readonly runDoctor: (options: {
    readonly aws: boolean;
    readonly changes: Readonly<Record<string, string>>;
  }) => Promise<readonly Finding[]>;
  /**
   * Installs, upgrades or removes Berth in an AWS account.
   *
   * @returns the findings of the doctor afterwards. @throws BerthError `config_invalid`, `install_failed`.
   */
  readonly manageAws: (
    action: 'install' | 'upgrade' | 'uninstall',
    request: {
      readonly directory: string;
      readonly given: Readonly<Record<string, unknown>>;
      readonly plan: boolean;
      readonly yes: boolean;
      /** Builds the runner's image again from the same sources. */
      readonly refreshImage: boolean;
      /** Stops after the program that runs. */
      readonly interrupted: AbortSignal;
    },
  ) => Promise<readonly Finding[]>;
  /** The exit code of the command, if it is not 0. */
  readonly finish: (exitCode: number) => void;
}
