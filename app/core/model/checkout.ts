import { z } from 'zod';

/** Options of a checkout in addition to the files of the commit, and the directory of the commands. */
export const checkoutSchema = z.object({
  /** `recursive`: also the submodules of submodules. */
  submodules: z.union([z.boolean(), z.literal('recursive')]).exactOptional(),
  /** Whether to fetch the content of Git LFS files. */
  lfs: z.boolean().exactOptional(),
  /** Commits of history; 0 for all, with all branches and tags. Default: 1. */
  fetchDepth: z.number().int().nonnegative().exactOptional(),
  tags: z.boolean().exactOptional(),
  /** The directory in which the commands run, relative to the repository. */
  path: z.string().exactOptional(),
});
export type Checkout = z.infer<typeof checkoutSchema>;

export const repositoryPath = /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\n\\]{1,300}$/;
