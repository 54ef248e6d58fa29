import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { type ContainerSurroundings, containerSpec, initLabel } from './container-spec.ts';
import { ask, type DockerEngine } from './docker-engine.ts';

/** Creates the containers of tasks. */
export interface ContainerMaker {
  /**
   * @returns false if a container of this name exists, which stays unchanged.
   * @throws BerthError `image_not_found`.
   */
  create(
    name: string,
    request: LaunchRequest,
    place: Omit<ContainerSurroundings, 'command' | 'hasInit' | 'cpus' | 'limitsStorage'>,
  ): Promise<boolean>;
}

export function containerMaker(engine: DockerEngine, logger: Logger): ContainerMaker {
  let limitsStorage = true;

  return {
    async create(name, request, place) {
      const start = await startOf(engine, place.image);
      await touchForAll(place.logPath);
      const attempt = async (): Promise<boolean> => {
        const spec = containerSpec(request, { ...place, ...start, cpus: engine.cpus, limitsStorage });
        const made = await ask(engine, () => engine.docker.createContainer({ name, ...spec }), 409);
        return made !== undefined;
      };
      try {
        return await attempt();
      } catch (error) {
        // Only some storage drivers support it, and none announces it. Otherwise only the runner watches the
        // disk: see docs/runner-image.md.
        if (!limitsStorage || !/storage-opt/i.test(String(error))) throw error;
        limitsStorage = false;
        logger.info({ engine: engine.address, error }, 'this engine cannot limit the disk space of tasks');
        return attempt();
      }
    },
  };
}

/**
 * Reads how an image starts: its ENTRYPOINT and CMD, and whether that begins with an init.
 *
 * @throws BerthError `image_not_found`.
 */
export async function startOf(
  engine: DockerEngine,
  image: string,
): Promise<Pick<ContainerSurroundings, 'command' | 'hasInit'>> {
  const found = await ask(engine, () => engine.docker.getImage(image).inspect(), 404);
  if (found === undefined) {
    throw new BerthError('image_not_found', `the Docker engine at ${engine.address} has no image ${image}`, {
      hint: `Build the runner image with scripts/build-image.sh, or fetch another image with \`docker pull ${image}\`.`,
    });
  }
  const { Entrypoint: entrypoint, Cmd: command, Labels: labels } = found.Config;
  // Engines write null for none, whatever their types say.
  return { command: [entrypoint ?? [], command ?? []].flat(), hasInit: labels?.[initLabel] === 'true' };
}

/** Creates a log that the user of any image can append to. Its directory keeps other users of the machine out. */
async function touchForAll(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  await file.chmod(0o666);
  await file.close();
}
