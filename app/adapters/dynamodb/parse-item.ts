import { z } from 'zod';
import type { Item } from './dynamo-table.ts';

/** A moment as it is stored: ISO 8601 in UTC, with milliseconds, so that text sorts as time does. */
export const storedDate = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text));

/**
 * What an item says, checked: a table can be written to by other versions of Berth, and by hand.
 *
 * @throws Error that names the item and what is wrong with it.
 */
export function parseItem<Output>(schema: z.ZodType<Output>, item: Item): Output {
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  throw new Error(
    `item ${String(item.pk)} ${String(item.sk)} cannot be read: ${z.prettifyError(result.error)}`,
  );
}
