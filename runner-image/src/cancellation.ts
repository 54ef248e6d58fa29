import { Cancelled } from './runner-error.ts';

/** From the signal on: whoever stops the runner may kill it after 10 seconds, and Fargate does so after 30. */
const hurryAfterMs = 4_000;
const uploadsEndAfterMs = 5_000;
const resultEndsAfterMs = 8_000;
const giveUpAfterMs = 9_000;

/** The way of a run that was told to end, from the asking to the exit. */
export interface Cancellation {
  /** The run is to end. Its reason is {@link Cancelled}. */
  readonly requested: AbortSignal;
  /** The commands' time to end by themselves is over, or the signal came a second time. */
  readonly hurry: AbortSignal;
  /** Report, tests and artifacts have had their time. */
  readonly uploadsEnd: AbortSignal;
  /** The result has had its time. */
  readonly resultEnds: AbortSignal;
  /** As a shell names it, 128 and the signal's number. */
  readonly exitCode: number;
}

/**
 * @param giveUp called when the run has not ended in time by itself.
 */
export function listenForCancellation(
  source: Pick<NodeJS.Process, 'on'>,
  giveUp: (exitCode: number) => void,
): Cancellation {
  const requested = new AbortController();
  const hurry = new AbortController();
  const uploadsEnd = new AbortController();
  const resultEnds = new AbortController();
  let exitCode = 143;

  function request(code: number): void {
    if (requested.signal.aborted) {
      hurry.abort();
      return;
    }
    exitCode = code;
    requested.abort(new Cancelled());
    setTimeout(() => hurry.abort(), hurryAfterMs);
    setTimeout(() => uploadsEnd.abort(), uploadsEndAfterMs);
    setTimeout(() => resultEnds.abort(), resultEndsAfterMs);
    setTimeout(() => giveUp(code), giveUpAfterMs);
  }

  source.on('SIGTERM', () => request(143));
  source.on('SIGINT', () => request(130));
  return {
    requested: requested.signal,
    hurry: hurry.signal,
    uploadsEnd: uploadsEnd.signal,
    resultEnds: resultEnds.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
