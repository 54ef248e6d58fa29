import { systemClock } from '../adapters/system/system-clock.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import type { CliContext } from '../cli/cli-context.ts';
import { BerthError } from '../core/model/errors.ts';
import { mintKey } from '../http/auth/api-key.ts';
import { findProject } from '../http/find-project.ts';
import type { Config } from './config/config.ts';
import { openStoppedStore } from './open-stopped-store.ts';

/**
 * Creates an API key directly in the data directory, for a server whose keys are lost. The rights to the directory are
 * the proof of identity. The server must be stopped.
 *
 * @param key `project` is an ID or a name. If omitted, the project of the first start.
 * @returns the key in plaintext, which is shown only once.
 * @throws BerthError `data_dir_in_use` while a server uses the directory; `project_not_found`; `config_invalid`.
 */
export async function createKeyOffline(
  config: Pick<Config, 'dataDir' | 'firstProject' | 'aws'>,
  { project: named, ...key }: Parameters<CliContext['createKeyOffline']>[0],
): Promise<{ readonly id: string; readonly plain: string }> {
  const database = await openStoppedStore(config);
  const { store } = database;
  try {
    const project = await findProject({ store }, named ?? config.firstProject);
    if (project === undefined) {
      throw new BerthError(
        'project_not_found',
        `${config.aws?.table ?? config.dataDir} has no project ${named ?? config.firstProject}.`,
        {
          hint: 'Name the project with --project, and the directory with --data-dir.',
        },
      );
    }
    const minted = mintKey({ ids: systemIds, clock: systemClock }, { projectId: project.id, ...key });
    await store.projects.createKey(minted.key);
    return { id: minted.key.id, plain: minted.plain };
  } finally {
    await database.close();
  }
}
