import type { Objects } from '../../ports/objects.ts';
import type { RunFiles } from '../../ports/run-files.ts';
import { allRunKeys } from '../model/run-keys.ts';

/** The objects of runs. A storage that is not on this machine has no folders to delete. */
export function runObjects(objects: Pick<Objects, 'delete'>): RunFiles {
  return {
    async remove(id) {
      await Promise.all(allRunKeys(id).map((key) => objects.delete(key)));
    },
  };
}

/** Removes from two places: the log of a run can be a file, and its report an object of S3. */
export const inBoth = (files: RunFiles, objects: RunFiles): RunFiles => ({
  remove: async (id) => void (await Promise.all([files.remove(id), objects.remove(id)])),
});
