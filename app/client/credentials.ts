/** Authenticates requests to the server. */
export interface Credentials {
  /** Returns the headers for one request. @throws if no credentials are available. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Reacts to a refusal of the latest headers. @returns whether the next headers differ. */
  renew(): boolean;
}

/** @param key omit it for a server that answers without one, such as a health check. */
export function apiKeyCredentials(key: string | undefined): Credentials {
  return { headers: async () => (key === undefined ? {} : { 'X-API-Key': key }), renew: () => false };
}
