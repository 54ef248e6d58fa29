import type { BerthError } from '../core/model/errors.ts';

/** The disk of a server that keeps its own data. */
export interface Disk {
  /**
   * Why no new run may begin: the disk is nearly full, or the data directory is gone.
   *
   * @returns undefined where nothing speaks against it.
   */
  problem(): Promise<BerthError | undefined>;
  /** Looks at the free space: frees the reserve if the disk is full, and creates it again if there is enough. */
  check(): Promise<void>;
}
