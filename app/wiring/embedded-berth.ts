import type { Deps } from '../core/deps.ts';
import type { ArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import type { Config } from './config/config.ts';

/** The composition root of the embedded mode: Berth in one process. */
export interface EmbeddedBerth {
  /** @param peer the address that the request came from. */
  readonly fetch: (request: Request, peer?: string) => Response | Promise<Response>;
  /** The executor that runs the tests, and the reason for the choice. */
  readonly executorReason: string;
  readonly storage: Storage;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
  /** The directory of the socket `berth.sock`, at which containers without access to loopback reach the server. */
  readonly socketDirectory?: string;
  /** The first API key, to be shown once; absent at every later start. */
  readonly firstKey?: string;
  readonly projectName: string;
  /** The URL of the setup page of the GitHub App; absent if an App exists. */
  readonly setupUrl?: string;
  /** Begins to reconcile runs: those that a crash left behind first. */
  start(): void;
  close(): Promise<void>;
}

/** The stored data of a server. */
export interface Storage {
  readonly store: 'embedded' | 'dynamodb';
  readonly objects: 'files' | 's3';
  readonly logs: 'files' | 'cloudwatch';
}

export interface EmbeddingOptions {
  /** Wraps the dependencies: tests let calls fail with it, or the process die. */
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
