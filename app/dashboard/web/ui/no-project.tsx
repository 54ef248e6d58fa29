import type { ApiError } from '../lib/api.ts';
import { ErrorMessage } from './error-message.tsx';

/** Shown instead of a page if the caller has no project, or none is loaded yet. */
export function NoProject({ loaded, error }: { loaded: boolean; error: ApiError | undefined }) {
  if (error !== undefined || !loaded) return <ErrorMessage error={error} />;
  return (
    <div class="empty">
      <h1>No projects</h1>
      <p>
        You have no access to a repository that Berth is installed on. Ask an owner of the repository for
        access on GitHub, then reload this page.
      </p>
    </div>
  );
}
