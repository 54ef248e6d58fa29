import type { BerthError } from '../core/model/errors.ts';

/** The disk of a server that keeps its own data. */
export interface Disk {
  /** Why nothing can be kept any more: the data directory is gone. */
  loss(): Promise<BerthError | undefined>;
  /**
   * Why no new run may begin: the disk is nearly full, the database is damaged, or there is a {@link loss}.
   *
   * @returns undefined where nothing speaks against it.
   */
  problem(): Promise<BerthError | undefined>;
  /** Looks at the free space: frees the reserve if the disk is full, and creates it again if there is enough. */
  check(): Promise<void>;
}
