import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reportKey, runObjectKey, sourceKey } from '../../core/model/run-keys.ts';
import type { RunFiles } from '../../ports/objects.ts';
import { logPath, serviceLogs } from './file-logs.ts';

/** The files of runs in a data directory. */
export function runFiles(dataDir: string): RunFiles {
  return {
    async remove(id) {
      const folders = [dirname(runObjectKey(id, 'job.json')), dirname(reportKey(id)), sourceKey(id)];
      const paths = folders.flatMap((key) => [
        join(dataDir, 'objects', key),
        join(dataDir, 'object-types', key),
      ]);
      for (const path of [...paths, logPath(dataDir, id), serviceLogs(dataDir, id)])
        await rm(path, { recursive: true, force: true });
    },
  };
}
