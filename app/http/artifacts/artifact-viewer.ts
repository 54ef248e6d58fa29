import type { ArtifactOrigin } from './artifact-origin.ts';
import type { ArtifactTokens } from './artifact-token.ts';

/** Opens artifacts in the browser. */
export interface ArtifactViewer {
  readonly origin: ArtifactOrigin;
  readonly tokens: ArtifactTokens;
}
