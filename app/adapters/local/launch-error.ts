import { BerthError, type ErrorCode } from '../../core/model/errors.ts';
import { hasCode } from '../files/read-if-exists.ts';

/**
 * Explains why a task of this machine cannot start. A disk that is full or fails, and a lack of memory, processes, files or
 * networks, pass: the run is launched again.
 *
 * @param text what happened, for people.
 * @param hint what to do where it does not pass.
 */
export function launchError(cause: unknown, text: string, hint: string): BerthError {
  return new BerthError(codeOf(cause), `${text}: ${cause}`, { cause, hint });
}

function codeOf(cause: unknown): ErrorCode {
  const text = String(cause);
  if (hasCode(cause, 'ENOSPC', 'EDQUOT') || /no space left on device/i.test(text)) return 'storage_full';
  const isBusy = hasCode(cause, 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EIO', 'EROFS') || scarce.test(text);
  return isBusy ? 'no_capacity' : 'launch_failed';
}

/** The engine passes the texts of the system on. */
const scarce = /address pool|cannot allocate memory|resource temporarily unavailable|too many open files/i;
