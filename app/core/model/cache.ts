import { z } from 'zod';

/** A cache of a suite: files that a run saves, and that later runs start with. */
export const cacheSchema = z.object({
  /** The preset, or a name from the settings; for people, and part of the cache's identity. */
  name: z.string(),
  /** Globs of files in the repository. The cache is complete for a run in which these files are the same. */
  key: z.array(z.string()),
  /** Files or directories: relative to the repository, `~/` for the home directory, or absolute. */
  paths: z.array(z.string()),
});
export type Cache = z.infer<typeof cacheSchema>;

export const cacheOutcomes = ['hit', 'partial', 'miss', 'kept'] as const;

/** How a run used one of its caches. */
export const cacheUseSchema = z.object({
  name: z.string(),
  /**
   * `hit`: the key files were the same. `partial`: they differed, and the files of an earlier key were restored. `kept`:
   * the machine keeps the files itself.
   */
  outcome: z.enum(cacheOutcomes),
  /** The branch whose archive was restored. */
  branch: z.string().exactOptional(),
  /** Size of the archive that was restored. */
  sizeBytes: z.number().int().nonnegative().exactOptional(),
  restoreSeconds: z.number().nonnegative().exactOptional(),
  savedBytes: z.number().int().nonnegative().exactOptional(),
  saveSeconds: z.number().nonnegative().exactOptional(),
  /** Why nothing was restored, or saved. */
  note: z.string().max(500).exactOptional(),
});
export type CacheUse = z.infer<typeof cacheUseSchema>;

/** The maximum number of caches of a suite. */
export const mostCaches = 10;
