import { BerthError } from '../../core/model/errors.ts';
import { launchError } from '../local/launch-error.ts';

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
  const hint = String(cause).includes('address pool')
    ? 'Each task needs a separate network: raise `default-address-pools` of the engine, or run fewer in parallel.'
    : 'Check the reason above, and the log of the Docker engine.';
  return launchError(cause, 'The container could not be started', hint);
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'engine_unreachable';
}
