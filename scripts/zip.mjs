import { zipSync } from 'fflate';

/** The earliest date of the zip format, in local time. */
const mtime = new Date(1980, 0, 1);
const unix = 3;
/** File mode 0644, in the upper half of the attribute. */
const attrs = 0o100644 << 16;

/**
 * Creates a zip file that depends only on the names and contents of its files. Two builds are identical, and Terraform
 * sees no change.
 *
 * @param {{name: string, bytes: Buffer}[]} files in their order in the zip file
 * @returns {Uint8Array}
 */
export function zip(files) {
  const entries = files.map(({ name, bytes }) => [name, [bytes, { mtime, os: unix, attrs }]]);
  return zipSync(Object.fromEntries(entries), { level: 9 });
}
