import type { OwnServer } from '../cli/cli-context.ts';
import type { Deps } from '../core/deps.ts';
import type { ArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import type { Config } from './config/config.ts';

/** The facts about a server that the command line prints when it starts. */
export type ServerFacts = Pick<
  OwnServer,
  'executorReason' | 'storage' | 'warning' | 'projectName' | 'firstKey' | 'setupUrl'
>;

/** The composition root of the embedded mode: Berth in one process. */
export interface EmbeddedBerth {
  /** @param peer the address that the request came from. */
  readonly fetch: (request: Request, peer?: string) => Response | Promise<Response>;
  readonly facts: ServerFacts;
  /** The directory of the socket `berth.sock`, at which containers without access to loopback reach the server. */
  readonly socketDirectory?: string;
  /** Begins to reconcile runs: those that a crash left behind first. */
  start(): void;
  close(): Promise<void>;
}

export interface EmbeddingOptions {
  /** Wraps the dependencies: tests let calls fail with it, or the process die. */
  readonly around?: (deps: Deps) => Deps;
  /** The contents of the data directory changed so that Berth must be assembled again. */
  readonly reconfigured?: () => Promise<void>;
  /** Where artifacts open in the browser. */
  readonly artifactOrigin?: ArtifactOrigin;
}

export function storageOf({ aws }: Config, runsOnAws: boolean): ServerFacts['storage'] {
  return {
    store: aws?.table === undefined ? 'embedded' : 'dynamodb',
    objects: aws?.bucket === undefined ? 'files' : 's3',
    logs: runsOnAws ? 'cloudwatch' : 'files',
  };
}
