import type { ApiError } from './api.ts';
import { Problem } from './problem.tsx';

/** What a page shows that has no project to show: it is not known yet, or there is none for whoever looks. */
export function NoProject({ known, error }: { known: boolean; error: ApiError | undefined }) {
  if (error !== undefined || !known) return <Problem error={error} />;
  return (
    <p class="empty">
      There is no project that you may see: GitHub gives you access to none of the repositories that Berth is
      installed on. Ask for it there, and look again in a minute.
    </p>
  );
}
