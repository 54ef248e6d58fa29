import { z } from '@hono/zod-openapi';
import { errorCodes } from '../../core/model/errors.ts';

const errorCode = z
  .enum(errorCodes)
  .openapi('ErrorCode', { description: 'The error code for programs. It is stable.' });

/** The fields of every error response. */
export const errorSchema = z
  .object({
    message: z.string().openapi({ description: 'The error message for people. The text may change.' }),
    code: errorCode,
    hint: z.string().optional().openapi({ description: 'How to fix the error.' }),
    details: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'One entry for each invalid part of the request.' }),
  })
  .openapi('Error', {
    example: {
      message: 'The request is not valid: leaseSeconds: must be at least 1.',
      code: 'invalid_request',
      details: [{ path: 'leaseSeconds', message: 'must be at least 1' }],
    },
  });

/** The same error with the text in `error`, where clients of the older test runner expect it. */
export const workflowErrorSchema = z
  // Not `extend`, which the document shows as two schemas that both hold: `details` cannot satisfy both.
  .object({
    ...errorSchema.shape,
    error: z.string().openapi({ description: 'The same as `message`.' }),
    details: z
      .union([z.array(z.object({ path: z.string(), message: z.string() })), z.string()])
      .optional()
      .openapi({ description: 'Invalid parts of the request, or, for a 5xx, the reason.' }),
  })
  .openapi('WorkflowError', {
    example: {
      error: 'Workflow not found.',
      message: 'Workflow not found.',
      code: 'run_not_found',
      hint: 'GET /workflow lists the workflows.',
    },
  });
