import picocolors from 'picocolors';

type Colors = ReturnType<typeof picocolors.createColors>;

/** One of the two streams that a command writes to. */
export interface Output {
  write(text: string): void;
  /** The stream is a terminal: lines can be rewritten. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly colors: Colors;
}

/** Results go to `out`, so that they can be piped; everything else goes to `err`. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

/** The part of a Node stream that is used. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * @param env `NO_COLOR` turns colors off (https://no-color.org), `FORCE_COLOR` on, `TERM=dumb` means that nothing
 *   can be rewritten.
 */
export function openTerminal(streams: {
  stdout: Stream;
  stderr: Stream;
  env: Readonly<Record<string, string | undefined>>;
}): Terminal {
  return { out: openOutput(streams.stdout, streams.env), err: openOutput(streams.stderr, streams.env) };
}

function openOutput(stream: Stream, env: Readonly<Record<string, string | undefined>>): Output {
  const isTerminal = stream.isTTY === true && env.TERM !== 'dumb';
  const isForced = env.FORCE_COLOR !== undefined && !['', '0', 'false'].includes(env.FORCE_COLOR);
  const isRefused = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    columns: stream.columns ?? 80,
    colors: picocolors.createColors(isForced || (isTerminal && !isRefused)),
  };
}
