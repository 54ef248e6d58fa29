import type { BerthError } from '../core/model/errors.ts';

/** The disk of a server that keeps its own data. */
export interface Disk {
  /** Why nothing can be stored now: the data directory was deleted. */
  loss(): Promise<BerthError | undefined>;
  /**
   * Why no new run may begin: the disk is nearly full, the database is damaged, or there is a {@link loss}.
   *
   * @returns undefined if new runs may begin.
   */
  problem(): Promise<BerthError | undefined>;
  /** Checks the free space. Frees the reserve if the disk is full, and creates it again if there is enough space. */
  check(): Promise<void>;
}
