import { z } from '@hono/zod-openapi';
import { whyNotBranchName } from '../../core/model/branch-name.ts';

/** Text without NUL and lone surrogates, which command lines, environments and databases do not accept. */
export function plainText(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must not contain NUL characters')
    .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed Unicode');
}

/** One line of such text. */
export function line(longest: number) {
  return plainText(longest)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters')
    .openapi({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' });
}

export const branchText = {
  description: 'The short name of a branch, by the rules of `git check-ref-format`.',
  example: 'main',
};

/** The name of a branch, by the rules of git. */
export const branchName = z
  .string()
  .superRefine((name, context) => {
    const reason = whyNotBranchName(name);
    if (reason !== undefined) context.addIssue({ code: 'custom', message: reason });
  })
  .openapi({ ...branchText, minLength: 1, maxLength: 255 });

/** The name of a holder: any text that the client chooses. */
export const holderName = line(128).openapi({
  description: 'The holder of the stack. A repeated request with the same holder returns the same stack.',
  example: 'deploy-42',
});

export const commitSha = z
  .string()
  .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/i, 'must be a full commit ID: 40 or 64 hexadecimal digits')
  .transform((sha) => sha.toLowerCase())
  .openapi({
    type: 'string',
    pattern: '^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$',
    description: 'A full commit ID.',
    example: '8f3c7e1d2b4a5968778695a4b3c2d1e0f9a8b7c6',
  });

/** One event of a stream, for tools that validate streams. */
export const serverSentEvent = z.object({
  event: z.string().optional(),
  data: z.string().optional(),
  id: z.string().optional(),
  retry: z.number().int().optional(),
});

/** A moment, ISO 8601 in UTC. */
export const moment = z.iso.datetime().openapi({ example: '2026-07-01T12:00:00.000Z' });
