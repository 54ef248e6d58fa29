import { useEffect } from 'preact/hooks';

/** Fetches again until the server has read all runs: each answer adds some. */
export function useAllPending(answer: { pending: number } | undefined, refresh: () => void): void {
  useEffect(() => {
    if (answer !== undefined && answer.pending > 0) refresh();
  }, [answer, refresh]);
}
