import { Transform } from 'node:stream';

/** Passes bytes on. @param overLimit creates the error that ends the stream after `maxBytes`. */
export function limitBytes(maxBytes: number, overLimit: () => Error): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) done(null, chunk);
      else done(overLimit());
    },
  });
}
