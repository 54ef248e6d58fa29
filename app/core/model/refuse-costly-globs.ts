import type { z } from 'zod';
import { compileGlobs, GlobError } from '../../lib/glob.ts';

/** Reports a list of globs that exceeds the limits of the matcher as a mistake of its author. */
export function refuseCostly(patterns: readonly string[], context: z.core.$RefinementCtx): void {
  try {
    compileGlobs(patterns);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}
