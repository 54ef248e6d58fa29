import { ask, type DockerEngine } from './docker-engine.ts';

/** Link-local addresses. On a cloud machine they include the metadata service with the machine's credentials. */
const linkLocal = '169.254.0.0/16';

export interface RefuseLinkLocal {
  readonly engine: DockerEngine;
  /** Name of the running container whose network it is. */
  readonly container: string;
  /** An image with `ip`, such as the runner's. The image of the container may lack it. */
  readonly image: string;
  /** A unique name. */
  readonly helper: string;
  /** Marks the helper, so that {@link removeHelpers} finds one that a crash left behind. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Blocks the metadata address by a route in the network of a container, which the container itself has no capability
 * to remove. A program that bypasses routes by binding to a device finds no host with that address.
 *
 * A short-lived container sets it that shares the network and may do nothing else. (`docker exec` could not do it with
 * less than all privileges.)
 *
 * @returns false if the image lacks `ip`.
 */
export async function refuseLinkLocal(options: RefuseLinkLocal): Promise<boolean> {
  const { engine } = options;
  const made = await ask(
    engine,
    () =>
      engine.docker.createContainer({
        name: options.helper,
        Image: options.image,
        Entrypoint: ['ip', 'route', 'replace', 'unreachable', linkLocal],
        Cmd: [],
        User: '0',
        Labels: { ...options.labels },
        HostConfig: {
          NetworkMode: `container:${options.container}`,
          CapDrop: ['ALL'],
          CapAdd: ['NET_ADMIN'],
          SecurityOpt: ['no-new-privileges'],
          ReadonlyRootfs: true,
        },
      }),
    404, // The image is not there.
  );
  if (made === undefined) return false;
  try {
    // 400: there is no `ip` in the image; 409: the container has ended, and its network with it.
    await ask(engine, () => made.start(), 400, 409);
    // Requested after the start: before it, the engine answers immediately.
    const end: { StatusCode: number } | undefined = await ask(engine, () => made.wait());
    return end?.StatusCode === 0;
  } finally {
    await ask(engine, () => made.remove({ force: true }), 404, 409);
  }
}

/** Removes the services of a task, and what a crash left of {@link refuseLinkLocal}. */
export async function removeHelpers(
  engine: DockerEngine,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const helpers = await ask(engine, () => engine.docker.listContainers({ all: true, filters: { label } }));
  for (const { Id } of helpers ?? []) {
    await ask(engine, () => engine.docker.getContainer(Id).remove({ force: true, v: true }), 404, 409);
  }
}
