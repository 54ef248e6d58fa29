import type { Deps } from '../core/deps.ts';
import type { ArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import type { Config } from './config/config.ts';

/** Berth in one process, put together: the composition root of the embedded mode. */
export interface EmbeddedBerth {
  /** @param peer the address that the request came from. */
  readonly fetch: (request: Request, peer?: string) => Response | Promise<Response>;
  /** Which executor runs the tests, and why that one. */
  readonly executorReason: string;
  readonly storage: Storage;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
  /** Where containers without a way to loopback look for the server: it has to listen at `berth.sock` in it. */
  readonly socketDirectory?: string;
  /** The first API key, to be shown once; absent at every later start. */
  readonly firstKey?: string;
  readonly projectName: string;
  /** Where the GitHub App is set up; absent where there is one. */
  readonly setupUrl?: string;
  /** Begins to look at runs: those that a crash left behind first. */
  start(): void;
  close(): Promise<void>;
}

/** Where a server keeps what it knows. */
export interface Storage {
  readonly store: 'embedded' | 'dynamodb';
  readonly objects: 'files' | 's3';
  readonly logs: 'files' | 'cloudwatch';
}

export interface EmbeddingOptions {
  /** Stands between the use cases and the world: tests let calls fail with it, or the process die. */
  readonly around?: (deps: Deps) => Deps;
  /** The contents of the data directory changed so that Berth must be assembled again. */
  readonly reconfigured?: () => Promise<void>;
  /** Where artifacts open in the browser. */
  readonly artifactOrigin?: ArtifactOrigin;
}

export function storageOf({ aws }: Config, runsOnAws: boolean): Storage {
  return {
    store: aws?.table === undefined ? 'embedded' : 'dynamodb',
    objects: aws?.bucket === undefined ? 'files' : 's3',
    logs: runsOnAws ? 'cloudwatch' : 'files',
  };
}
