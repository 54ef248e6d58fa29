import { Transform } from 'node:stream';

/** @param message of the error that ends the stream after `maxBytes`. */
export function limitBytes(maxBytes: number, message: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else done(new Error(message));
    },
  });
}

/** Unpacked files may be so many times as large as their archive may be. */
export const maxUnpackedRatio = 10;
