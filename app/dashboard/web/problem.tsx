import type { ApiError } from './api.ts';

/** What went wrong, beside what is still known: a page never goes blank for a hiccup. */
export function Problem({ error }: { error: ApiError | undefined }) {
  if (error === undefined) return null;
  return (
    <p role="alert" class="problem">
      {error.message} {error.hint}
    </p>
  );
}
