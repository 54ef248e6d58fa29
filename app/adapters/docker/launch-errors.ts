import { BerthError } from '../../core/model/errors.ts';

export function nameTaken(name: string): BerthError {
  return new BerthError('launch_failed', `a container named ${name} exists and belongs to another server`, {
    hint: 'Give the run another ID, or remove the container after its run has ended.',
  });
}

export function withdrawn(): BerthError {
  return new BerthError('launch_failed', 'the launch was withdrawn before the container was created');
}

/** Explains why a container cannot start, and what to do. Berth's errors pass through unchanged. */
export function launchFailed(cause: unknown): BerthError {
  if (cause instanceof BerthError) return cause;
  const text = String(cause);
  const hint = text.includes('address pool')
    ? 'Each task needs a separate network: raise `default-address-pools` of the engine, or run fewer in parallel.'
    : 'Check the reason above, and the log of the Docker engine.';
  return new BerthError('launch_failed', `the container could not be started: ${text}`, { cause, hint });
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'engine_unreachable';
}
