import { fileURLToPath } from 'node:url';
import { debianBase } from './debian-base.mjs';
import { ensurePrograms, run } from './programs.mjs';

const script = fileURLToPath(new URL('../build-image.sh', import.meta.url));

/**
 * Builds both targets of `runner-image/Dockerfile` with `scripts/build-image.sh`, like any user. The engine's cache skips
 * what has not changed.
 *
 * @param {{ address: string, docker: import('dockerode') }} engine
 * @param {string} [platform] if omitted, the engine's own
 * @returns {Promise<{ base: string, browser: string }>} the names of the images
 */
export async function buildRunnerImages({ address, docker }, platform) {
  await ensurePrograms({ docker: 'docker.io' });
  const base = await debianBase(docker, platform);
  const kind = platform === undefined ? '' : `-${platform.split('/')[1]}`;
  const images = { base: `berth-runner:test${kind}`, browser: `berth-runner:browser-test${kind}` };
  for (const [target, name] of Object.entries(images)) {
    const settings = {
      ECR_REPO_NAME: name.split(':')[0],
      IMAGE_TAG: name.split(':')[1],
      TARGET: target,
      BASE_IMAGE: base,
      ...(platform === undefined ? {} : { PLATFORM: platform }),
      CONTAINER_TOOL: 'docker',
      DOCKER_HOST: address,
      // Uses the machine's own network instead of the engine's bridge.
      BUILD_OPTIONS: '--network=host --quiet',
    };
    const begun = Date.now();
    await run('env', ...Object.entries(settings).map((setting) => setting.join('=')), script, '--local');
    console.error(`Built ${name} in ${Math.round((Date.now() - begun) / 1000)} s.`);
  }
  return images;
}
