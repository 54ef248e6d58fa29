import type { ApiError } from '../lib/api.ts';
import { ErrorMessage } from './error-message.tsx';

/** Shown for an address that does not exist or that the caller may not see. */
export function NotFound({ what }: { what: string }) {
  return (
    <>
      <h1>{what} not found</h1>
      <p>It may not exist, or you may not have access.</p>
      <p>
        <a href="/">Go to runs</a>
      </p>
    </>
  );
}

/** Shown instead of a page whose data could not be loaded. */
export function PageError({ error, what }: { error: ApiError; what: string }) {
  return error.status === 404 ? <NotFound what={what} /> : <ErrorMessage error={error} />;
}
