import { z } from '@hono/zod-openapi';

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(2048).optional().openapi({ description: 'The cursor of the previous page.' }),
};
