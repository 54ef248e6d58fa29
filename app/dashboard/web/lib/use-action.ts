import { useState } from 'preact/hooks';
import { type ApiError, asApiError } from './api.ts';

/** Runs what a button does, and keeps the error of the last attempt to show next to it. */
export function useAction(): {
  readonly error: ApiError | undefined;
  readonly pending: boolean;
  readonly run: (work: () => Promise<unknown>) => void;
} {
  const [error, setError] = useState<ApiError>();
  const [pending, setPending] = useState(false);
  const run = (work: () => Promise<unknown>): void => {
    setPending(true);
    work()
      .then(() => setError(undefined))
      .catch((failure: unknown) => setError(asApiError(failure)))
      .finally(() => setPending(false));
  };
  return { error, pending, run };
}
