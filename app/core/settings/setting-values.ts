import { z } from 'zod';
import { compileGlobs, GlobError } from '../../lib/glob.ts';
import { parseDuration } from '../../lib/parse-duration.ts';
import { stackUrlPattern } from '../model/stack-deploy.ts';

/** The kinds of values in `.github/berth.yml`: durations, sizes, environments, globs, and commands. */

/** No variable, argument, or path of a process can contain it. */
const withoutNul = (text: string): boolean => !text.includes('\0');

/** `90s`, `10m`, `1h30m`, or a number of seconds. */
export const durationSchema = z
  .union([
    z.number().int().min(1),
    z.string().regex(/^(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?$/, 'a duration such as 90s, 10m or 1h30m'),
  ])
  .transform((value) => (typeof value === 'number' ? value : (parseDuration(value) ?? 0)))
  .refine((seconds) => seconds >= 1 && seconds <= 86_400, {
    error: 'a duration between 1s and 24h',
    abort: true,
  });

/** `512MB`, `2GB`, or a number of MiB. */
export const memorySchema = z
  .union([
    z.number().int().min(1),
    z.string().regex(/^\d{1,6} ?(MB|MiB|GB|GiB)$/, 'a size such as 512MB or 2GB'),
  ])
  .transform((value) =>
    typeof value === 'number' ? value : parseInt(value, 10) * (/G/.test(value) ? 1024 : 1),
  )
  .refine((mib) => mib >= 128 && mib <= 122_880, { error: 'a size between 128MB and 120GB', abort: true });

export const cpuSchema = z
  .number()
  .min(0.25)
  .max(16)
  .transform((vcpus) => Math.round(vcpus * 1024));

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'letters, digits, and _, not starting with a digit');
export const envSchema = z.record(
  envName,
  z
    .union([
      z.string().max(32_768).refine(withoutNul, 'must not contain NUL characters'),
      z.number(),
      z.boolean(),
    ])
    .transform((value) => String(value)),
);

export const secretsSchema = z.record(
  envName,
  z
    .string()
    .regex(
      /^(ssm:[\w./-]{1,1011}|secretsmanager:[\w/+=.@:-]{1,512}|arn:aws[\w-]*:(ssm|secretsmanager):[\w:/+=.@-]{1,1900})$/,
      'ssm:<name>, secretsmanager:<name>, or the ARN of either',
    ),
);

const globSchema = z.string().min(1).max(300, 'a pattern of at most 300 characters');

/** One glob or several. */
export const globsSchema = z
  .union([globSchema, z.array(globSchema).min(1).max(100, 'at most 100 patterns')])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .superRefine(refuseCostly);

export const holdSchema = z.enum(['pull_request', 'run']);

export const stackUrlSchema = z
  .string()
  .max(500)
  .regex(stackUrlPattern, 'an http or https URL, in which {stack} is the name of the stack');

export const commandSchema = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', 'must not be blank')
  .refine(withoutNul, 'must not contain NUL characters');

export const roleSchema = z
  .string()
  .max(2048)
  .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an IAM role')
  .meta({
    description:
      'On AWS, the role whose credentials the commands get while the branch holds the stack. Read docs/deploy-roles.md first.',
  });

/**
 * The shells that a suite can name: `bash`, `sh`, or a command in which `{0}` is the file of the script, as in
 * https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions#custom-shell
 */
export const shellPattern = /^(?:bash|sh|[^{}\0\n]{1,150}\{0\}[^{}\0\n]{0,40})$/;

/** Reports a list of globs that exceeds the limits of the matcher as a mistake of its author. */
export function refuseCostly(patterns: readonly string[], context: z.core.$RefinementCtx): void {
  try {
    compileGlobs(patterns);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}
