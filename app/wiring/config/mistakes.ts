import type { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import { issueText } from '../../lib/issue-text.ts';

/** A variable or field, and what is wrong with it. */
export interface Mistake {
  readonly path: string;
  readonly message: string;
}

export function mistakesIn(error: z.ZodError): readonly Mistake[] {
  return error.issues.map(({ path, message }) => ({ path: path.join('.'), message: issueText(message) }));
}

/**
 * The error for a configuration with mistakes. It names all of them, and no value, which may be a secret.
 *
 * @param subject the source of the mistakes.
 */
export function mistaken(subject: string, mistakes: readonly Mistake[], hint: string): BerthError {
  const lines = mistakes.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
  return new BerthError('config_invalid', `${subject} has mistakes:\n${lines}`, { details: mistakes, hint });
}
