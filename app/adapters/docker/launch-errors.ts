import { BerthError } from '../../core/model/errors.ts';

export function nameTaken(name: string): BerthError {
  return new BerthError('launch_failed', `a container ${name} that is not this server's is in the way`, {
    hint: 'Give the run another id, or remove the container once its own run has ended.',
  });
}

export function withdrawn(): BerthError {
  return new BerthError('launch_failed', 'the launch was withdrawn before the container was created');
}

/** What keeps a container from being started, in words that say what to do. Errors of Berth's own stay as they are. */
export function launchFailed(cause: unknown): BerthError {
  if (cause instanceof BerthError) return cause;
  const text = String(cause);
  const hint = text.includes('address pool')
    ? 'Each task has a network of its own: raise `default-address-pools` of the engine, or run fewer at once.'
    : 'Look at the reason above, and at the log of the Docker engine.';
  return new BerthError('launch_failed', `the container could not be started: ${text}`, { cause, hint });
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof BerthError && error.code === 'engine_unreachable';
}
