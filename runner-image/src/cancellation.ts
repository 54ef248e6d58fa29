import { Cancelled } from './runner-error.ts';

/** Counted from the signal. Docker kills the runner after 10 seconds, Fargate after 30. */
const hurryAfterMs = 4_000;
const uploadsEndAfterMs = 5_000;
const resultEndsAfterMs = 8_000;
const giveUpAfterMs = 9_000;

/** The stages of a cancelled run, from the signal to the exit. */
export interface Cancellation {
  /** The run must end. The reason is {@link Cancelled}. */
  readonly requested: AbortSignal;
  /** The grace period of the commands is over, or a second signal arrived. */
  readonly hurry: AbortSignal;
  /** The time for report, tests, and artifacts is over. */
  readonly uploadsEnd: AbortSignal;
  /** The time for the result is over. */
  readonly resultEnds: AbortSignal;
  /** 128 plus the number of the signal, as in a shell. */
  readonly exitCode: number;
}

/** @param giveUp called if the run has not ended in time */
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
