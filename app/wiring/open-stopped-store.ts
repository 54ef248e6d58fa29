import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDataDirectory } from '../adapters/files/prepare-data-directory.ts';
import { BerthError } from '../core/model/errors.ts';
import type { Config } from './config/config.ts';
import { openStore } from './open-store.ts';

/**
 * Opens the store of a server that is stopped. Creates nothing, so that a mistyped path leaves no files behind.
 *
 * @throws BerthError `data_dir_in_use` while a server uses the directory; `config_invalid`.
 */
export async function openStoppedStore(
  config: Pick<Config, 'dataDir' | 'aws'>,
): Promise<Awaited<ReturnType<typeof openStore>>> {
  if (config.aws?.table === undefined) {
    await access(join(config.dataDir, 'database')).catch((cause: unknown) => {
      throw new BerthError(
        'config_invalid',
        `${config.dataDir} is not the data directory of a Berth server.`,
        {
          hint: 'Name the directory with --data-dir, or set BERTH_DATA_DIR.',
          cause,
        },
      );
    });
  }
  await prepareDataDirectory(config.dataDir);
  return openStore(config);
}
