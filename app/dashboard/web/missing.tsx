import type { ApiError } from './api.ts';
import { Problem } from './problem.tsx';

/** An address leads to nothing, or to nothing that whoever looks may see. */
export function Missing({ what }: { what: string }) {
  return (
    <>
      <h1>There is no such {what}</h1>
      <p>
        Or you may not see it. All that you may see begins at <a href="/">Berths and runs</a>.
      </p>
    </>
  );
}

/** Why a page has nothing to show. */
export function PageProblem({ error, what }: { error: ApiError; what: string }) {
  return error.status === 404 ? <Missing what={what} /> : <Problem error={error} />;
}
