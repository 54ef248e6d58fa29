import { BerthError } from '../../core/model/errors.ts';
import type { LaunchedService } from '../../ports/executor.ts';
import { ask, type DockerEngine } from './docker-engine.ts';

const longestPullSeconds = 900;

/**
 * Pulls the image of a service if the engine does not have it.
 *
 * @throws BerthError `image_not_found`.
 */
export async function pullImage(
  engine: DockerEngine,
  { name, image, registry }: Pick<LaunchedService, 'name' | 'image' | 'registry'>,
): Promise<void> {
  const found = await ask(engine, () => engine.docker.getImage(image).inspect(), 404);
  if (found !== undefined) return;
  const signal = AbortSignal.timeout(longestPullSeconds * 1000);
  const authconfig = registry && { ...registry, serveraddress: registryOf(image) };
  try {
    const progress = await ask(engine, () =>
      engine.docker.pull(withTag(image), { abortSignal: signal, ...(authconfig && { authconfig }) }),
    );
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      engine.docker.modem.followProgress(progress ?? emptyStream(), (error) =>
        error === null || error === undefined ? resolve() : reject(error),
      );
    });
  } catch (error) {
    if (error instanceof BerthError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new BerthError(
      'image_not_found',
      `The image ${image} of the service ${name} cannot be pulled: ${why}`,
      {
        cause: error,
        hint:
          registry === undefined
            ? 'Correct its name, or set `credentials` of the service for a private registry.'
            : 'Correct its name, or the secret that `credentials` names.',
      },
    );
  }
}

function emptyStream(): never {
  throw new Error('the engine sent no progress');
}

/** Without a tag, engines pull every tag. */
function withTag(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.includes(':') || image.includes('@') ? image : `${image}:latest`;
}

/** Finds the registry in the name of an image, by the rules of Docker: https://docs.docker.com/reference/cli/docker/image/tag/ */
function registryOf(image: string): string {
  const [first = ''] = image.split('/');
  const isHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? first : 'https://index.docker.io/v1/';
}
