import type { ApiError } from '../lib/api.ts';

/** Hints for programs name routes, which say nothing to a person on the page. */
const route = /\b(?:GET|POST|PUT|PATCH|DELETE) \//;

/** An error, shown next to the data that is already on the page. */
export function ErrorMessage({ error }: { error: ApiError | undefined }) {
  if (error === undefined) return null;
  return (
    <p role="alert" class="error">
      {error.message} {error.hint !== undefined && !route.test(error.hint) && error.hint}
    </p>
  );
}
