import { z } from 'zod';
import type { Item } from './dynamo-table.ts';

/** Formats a time for the table: ISO 8601 in UTC, with milliseconds, so that it sorts as text. */
export const storedDate = z.iso.datetime({ precision: 3 }).transform((text) => new Date(text));

/**
 * Parses an item: other versions of Berth, and people, can write to the table.
 *
 * @param named the item that an error names, if `value` is only a part of it.
 * @throws Error that names the item and what is wrong with it.
 */
export function parseItem<Output>(schema: z.ZodType<Output>, value: Item, named: Item = value): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(
    `item ${String(named.pk)} ${String(named.sk)} cannot be read: ${z.prettifyError(result.error)}`,
  );
}
