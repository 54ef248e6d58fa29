import { ask, type DockerEngine } from './docker-engine.ts';

/** The networks of one task: several after a race of launches, until the loser removes its own. */
export interface TaskNetworks {
  /**
   * Creates a bridge network for one container.
   *
   * @param name must be new: engines accept two networks with one name, and then start no container in either.
   */
  create(name: string): Promise<void>;
  /**
   * Removes the networks without a running container. Finding none is not an error.
   *
   * @param keep the name of a network that stays.
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
