import { zipSync } from 'fflate';

/** The first day that a zip knows, in local time as its format has it. */
const mtime = new Date(1980, 0, 1);
const unix = 3;
/** A file that all may read, in the upper half as Unix has it. */
const attrs = 0o100644 << 16;

/**
 * A zip that depends on the names and contents of its files alone, so that building it twice makes the same, and
 * Terraform sees no change.
 *
 * @param {{name: string, bytes: Buffer}[]} files in the order in which they are to lie in it
 * @returns {Uint8Array}
 */
export function zip(files) {
  const entries = files.map(({ name, bytes }) => [name, [bytes, { mtime, os: unix, attrs }]]);
  return zipSync(Object.fromEntries(entries), { level: 9 });
}
