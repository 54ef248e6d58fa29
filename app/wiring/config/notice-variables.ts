import { z } from 'zod';
import { compileGlobs } from '../../lib/glob.ts';

function areGlobs(globs: readonly string[]): boolean {
  try {
    compileGlobs(globs);
    return true;
  } catch {
    return false;
  }
}

/** Variables for notifications, the same on a server and on AWS. */
export const noticeVariables = {
  BERTH_NOTIFY_BRANCHES: z
    .string()
    .min(1)
    .optional()
    .transform((text) => text?.split(',').map((one) => one.trim()))
    .refine((globs) => globs === undefined || areGlobs(globs), 'must be globs such as main,release/*')
    .describe(
      'Branches to notify about failures and recoveries: globs, separated by commas. If omitted, the default branch of each repository.',
    ),
};
