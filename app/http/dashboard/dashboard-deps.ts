import type { People } from '../../ports/people.ts';
import type { SessionTokens } from '../auth/session-token.ts';

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

export interface Dashboard {
  readonly tokens: SessionTokens;
  /** Warnings for the person who runs the server; the page shows them after sign-in. */
  readonly warnings?: readonly string[];
  /** If omitted, sign-in with GitHub is off. */
  readonly people?: People;
  /** Loads the files by name; `index.html` among them. Names of the others change with their content. */
  readonly assets: () => Promise<ReadonlyMap<string, Asset>>;
}
