/** Proves to the server who sends a request. */
export interface Credentials {
  /** Headers for one request. @throws if no proof is available. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Reacts to a refusal of the latest headers. @returns whether the next headers differ. */
  renew(): boolean;
}

/** @param key omit it for a server that answers without one, such as a health check. */
export function apiKeyCredentials(key: string | undefined): Credentials {
  return { headers: async () => (key === undefined ? {} : { 'X-API-Key': key }), renew: () => false };
}
