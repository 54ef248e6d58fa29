import { BerthError } from '../../core/model/errors.ts';

/** `<moment>#<id>`: what the items of the index `list` are sorted by. */
const position = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#.+$/s;
/** A sort key has at most 1,024 bytes. */
const maxLength = 2000;

/** Encodes a position in a list for clients. It contains nothing that they may not know. */
export function toCursor(listSort: string): string {
  return Buffer.from(listSort).toString('base64url');
}

/**
 * Returns the item before the position of a cursor. The list itself is never taken from the cursor, so one from
 * another project leads nowhere.
 *
 * @throws BerthError `cursor_invalid`.
 */
export function fromCursor(cursor: string): { listSort: string; id: string } {
  const listSort = cursor.length > maxLength ? '' : Buffer.from(cursor, 'base64url').toString();
  if (!position.test(listSort) || toCursor(listSort) !== cursor) {
    throw new BerthError('cursor_invalid', 'This cursor is not valid.', {
      hint: 'Omit it to begin at the first page.',
    });
  }
  return { listSort, id: listSort.slice(listSort.indexOf('#') + 1) };
}
