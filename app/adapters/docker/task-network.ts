import { ask, type DockerEngine } from './docker-engine.ts';

/** The networks of one task: several where launches raced, until the one that lost tidies up. */
export interface TaskNetworks {
  /**
   * Makes a bridge for a container, so that it meets no other.
   *
   * @param name has to be new: engines take two networks of one name, and then start no container in either.
   */
  create(name: string): Promise<void>;
  /**
   * Removes those without a running container. Finding none is not an error.
   *
   * @param keep the name of one that stays.
   */
  remove(keep?: string): Promise<void>;
}

/** @param labels mark the task, and nothing else in the engine. */
export function taskNetworks(engine: DockerEngine, labels: Readonly<Record<string, string>>): TaskNetworks {
  const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    async create(name) {
      const options = { Name: name, Driver: 'bridge', Labels: { ...labels } };
      await ask(engine, () => engine.docker.createNetwork(options));
    },

    async remove(keep) {
      const networks = await ask(engine, () => engine.docker.listNetworks({ filters: { label } }));
      for (const { Id } of (networks ?? []).filter(({ Name }) => Name !== keep)) {
        // 403: a container is in it; 404: another process removed it first.
        await ask(engine, () => engine.docker.getNetwork(Id).remove(), 403, 404);
      }
    },
  };
}
