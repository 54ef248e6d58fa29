import { hintForPeople } from '../../../lib/hint-for-people.ts';
import type { ApiError } from '../lib/api.ts';
import { Sentences } from './sentences.tsx';

/** An error, shown next to the data that is already on the page. */
export function ErrorMessage({ error }: { error: ApiError | undefined }) {
  if (error === undefined) return null;
  return (
    <p role="alert" class="error">
      <Sentences text={`${error.message} ${hintForPeople(error.hint) ?? ''}`} />
    </p>
  );
}
