import { z } from 'zod';
import type { Item } from './dynamo-table.ts';

/** A moment as it is stored: ISO 8601 in UTC, with milliseconds, so that text sorts as time does. */
export const storedDate = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text));

/**
 * Parses what an item says: other versions of Berth can write to the table, and people by hand.
 *
 * @param named the item that an error names, where `value` is only a part of it.
 * @throws Error that names the item and what is wrong with it.
 */
export function parseItem<Output>(schema: z.ZodType<Output>, value: Item, named: Item = value): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(
    `item ${String(named.pk)} ${String(named.sk)} cannot be read: ${z.prettifyError(result.error)}`,
  );
}
