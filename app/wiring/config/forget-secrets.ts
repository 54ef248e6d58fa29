import { forgetVariable } from '../../../runner-image/src/process/forget-variable.ts';
import { secretVariables } from './variables.ts';

/** Removes the secrets of the server from this process: tests that run as processes of this machine could read them in /proc. */
export function forgetSecrets(): void {
  for (const name of secretVariables) forgetVariable(process.env, name);
}
