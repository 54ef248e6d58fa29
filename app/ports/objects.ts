import type { RunId } from '../core/model/ids.ts';

/** The storage of jobs, results, reports and artifacts. */
export interface Objects {
  put(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  /** @returns undefined if there is no such object. */
  get(key: string): Promise<StoredObject | undefined>;
  delete(key: string): Promise<void>;
  /**
   * Returns a URL that allows exactly one operation until it expires, without any other credential.
   *
   * @param grant.baseUrl the address at which the user of the URL reaches a local server; S3 ignores it.
   */
  grant(grant: ObjectGrant): Promise<string>;
}

export interface ObjectGrant {
  readonly key: string;
  readonly method: 'GET' | 'PUT';
  readonly ttlSeconds: number;
  /** The size limit for PUT. An adapter that can, refuses more. */
  readonly maxBytes?: number;
  readonly contentType?: string;
  readonly baseUrl?: string;
}

export interface StoredObject {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
  readonly contentType: string;
}

/** The stored files of a run: its log, report, results and artifacts. */
export interface RunFiles {
  /** Idempotent. */
  remove(id: RunId): Promise<void>;
}
