import { z } from '@hono/zod-openapi';
import type { ErrorStyle } from '../http-env.ts';

/** Options that all workflow routes share. */
export const workflowId = z.object({
  id: z.string().openapi({ description: 'The ID of the workflow.', example: '01J8ZQ4T9N5V7W2X3Y4Z5A6B7C' }),
});

export const workflowErrors: ErrorStyle = { errorField: true };
