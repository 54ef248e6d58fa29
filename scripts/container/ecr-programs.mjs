import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFromPypi, installMoto } from '../aws-servers/install.mjs';
import { startMoto } from '../aws-servers/start.mjs';
import { Missing } from '../testing/missing.mjs';
import { ensurePrograms } from './programs.mjs';

const requirements = fileURLToPath(new URL('aws-cli.txt', import.meta.url));

/**
 * Starts what the ECR tests need: moto's API, a registry, and the AWS command line.
 *
 * @param {string} cache folder that is kept between runs
 * @returns {Promise<{ settings: Record<string, string>, stop: () => Promise<void> } | undefined>} undefined, with
 *   a message, if they are not available
 * @throws Missing in CI
 */
export async function startEcrPrograms(cache) {
  try {
    await ensurePrograms({ 'docker-registry': 'docker-registry', skopeo: 'skopeo' });
    const awsCli = await installFromPypi(cache, 'aws-cli', requirements);
    const moto = await startMoto(await installMoto(cache));
    return {
      settings: { BERTH_TEST_MOTO_URL: moto.url, BERTH_TEST_AWS_CLI: join(awsCli, 'aws') },
      stop: moto.stop,
    };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    if (process.env.CI === 'true') throw error;
    console.error(`Pushing to ECR is not tested: ${error.message}`);
    return undefined;
  }
}
