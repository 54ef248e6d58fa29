import { crc32, deflateRawSync } from 'node:zlib';

/**
 * A zip that depends on the names and contents of its files alone, so that building it twice makes the same, and
 * Terraform sees no change. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * @param {{name: string, bytes: Buffer}[]} files in the order in which they are to lie in it
 * @returns {Buffer}
 */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = fields(
      [2, 20], // what reads it: 2.0
      [2, 0x0800], // names in UTF-8
      [2, 8], // deflate
      [2, 0], // midnight
      [2, 0x0021], // of 1 January 1980, the first day that a zip knows
      [4, crc32(bytes)],
      [4, packed.length],
      [4, bytes.length],
      [2, path.length],
      [2, 0], // no extra field
    );
    const header = Buffer.concat([fields([4, 0x04034b50]), common, path]);
    // Made on Unix; a file that all may read.
    const entry = fields([2, 0], [2, 0], [2, 0], [4, 0o100644 * 0x10000], [4, offset]);
    directory.push(fields([4, 0x02014b50], [2, 0x0314]), common, entry, path);
    parts.push(header, packed);
    offset += header.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const count = files.length;
  const end = fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, index.length],
    [4, offset],
    [2, 0],
  );
  return Buffer.concat([...parts, index, end]);
}

/** Numbers of so many bytes each, the lowest byte first. */
function fields(...numbers) {
  return Buffer.concat(
    numbers.map(([size, value]) => {
      const field = Buffer.alloc(size);
      field.writeUIntLE(value, 0, size);
      return field;
    }),
  );
}
