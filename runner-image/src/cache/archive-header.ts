import { z } from 'zod';
import { parseJson } from '../../../app/lib/parse-json.ts';

/**
 * The first line of an archive, as JSON. After it follow the parts, each a compressed tar of one path. One object holds
 * all, so that no reader finds the header of one run with the files of another.
 */
const archiveHeaderSchema = z.object({
  berthCache: z.literal(1),
  /** Digest of the key files. */
  key: z.string(),
  platform: z.string(),
  /** ISO 8601. */
  savedAt: z.string(),
  compression: z.enum(['zstd', 'gzip']),
  /** SHA-256 of everything after the header. */
  digest: z.string(),
  parts: z.array(z.object({ path: z.string(), sizeBytes: z.number().int().nonnegative() })),
  /** Counts the archives since the last that did not begin with the files of another one. */
  generation: z.number().int().nonnegative(),
  /** Duration of the setup without the cache. */
  setupSeconds: z.number().nonnegative().exactOptional(),
});
export type ArchiveHeader = z.infer<typeof archiveHeaderSchema>;

const maxHeaderBytes = 64 * 1024;

/**
 * Reads the header from the start of an archive.
 *
 * @param chunks stays open, for the bytes that follow `rest`.
 * @throws Error if it is not the start of an archive.
 */
export async function readHeader(
  chunks: AsyncIterator<Buffer>,
): Promise<{ header: ArchiveHeader; headerBytes: number; rest: Buffer }> {
  let start = Buffer.alloc(0);
  while (start.length <= maxHeaderBytes) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
    const end = start.indexOf('\n');
    if (end === -1) continue;
    const parsed = archiveHeaderSchema.safeParse(parseJson(start.toString('utf8', 0, end)));
    if (!parsed.success) break;
    return { header: parsed.data, headerBytes: end + 1, rest: start.subarray(end + 1) };
  }
  throw new Error('it is not an archive of a cache');
}

export function headerLine(header: ArchiveHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}
