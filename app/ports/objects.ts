/** Where jobs, results, reports and artifacts lie. */
export interface Objects {
  put(key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  /** @returns undefined if there is no such object. */
  get(key: string): Promise<StoredObject | undefined>;
  delete(key: string): Promise<void>;
  /**
   * A URL with which exactly one thing can be done until it expires, without any other credential.
   *
   * @param grant.baseUrl where the one who uses it reaches a laptop's server; S3 has no use for it.
   */
  grant(grant: ObjectGrant): Promise<string>;
}

export interface ObjectGrant {
  readonly key: string;
  readonly method: 'GET' | 'PUT';
  readonly ttlSeconds: number;
  /** The size limit for PUT: more is refused if the adapter can refuse it. */
  readonly maxBytes?: number;
  readonly contentType?: string;
  readonly baseUrl?: string;
}

export interface StoredObject {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
  readonly contentType: string;
}
