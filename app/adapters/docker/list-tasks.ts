import { readdir } from 'node:fs/promises';
import type { ListedTask } from '../../ports/executor.ts';
import { absent } from '../files/read-if-exists.ts';
import { isKept } from '../local/keep-mark.ts';
import { parseTaskName } from '../local/task-name.ts';
import { arnPrefix } from './container-spec.ts';
import { ask, type DockerEngine } from './docker-engine.ts';

/**
 * Lists what exists of a server's tasks: containers that have not ended, and the leftovers of ended ones or of a crash:
 * containers, networks and directories.
 */
export async function listTasks(
  engine: DockerEngine,
  instance: string,
  tasksDir: string,
  directoryOf: (name: string) => string,
): Promise<readonly ListedTask[]> {
  const filters = { label: [`berth.server=${instance}`] };
  const directories = (await readdir(tasksDir).catch(absent)) ?? [];
  const networks = (await ask(engine, () => engine.docker.listNetworks({ filters }))) ?? [];
  // Services, and what else a crash leaves of a task.
  const helpers =
    (await ask(engine, () =>
      engine.docker.listContainers({ all: true, filters: { label: [`berth.helper=${instance}`] } }),
    )) ?? [];
  // Last, so that a container created in the meantime does not count as a leftover.
  const containers = (await ask(engine, () => engine.docker.listContainers({ all: true, filters }))) ?? [];
  const live = containers.filter(({ State }) => !['exited', 'dead', 'removing'].includes(State));
  const running = new Set(live.map(({ Labels }) => nameIn(Labels)));
  const all = [
    ...running,
    ...containers.map(({ Labels }) => nameIn(Labels)),
    ...networks.map(({ Labels = {} }) => nameIn(Labels)),
    ...helpers.map(({ Labels }) => Labels['berth.helps'] ?? ''),
    ...directories,
  ];
  const listed = [...new Set(all)].flatMap((name) => {
    const parsed = parseTaskName(name);
    return parsed === undefined ? [] : [{ name, runId: parsed.runId }];
  });
  return Promise.all(
    listed.map(async ({ name, runId }) => ({
      task: { executor: 'docker', arn: `${arnPrefix}${name}` },
      runId,
      keep: await isKept(directoryOf(name)),
      isStopped: !running.has(name),
    })),
  );
}

function nameIn(labels: Readonly<Record<string, string>>): string {
  return `${labels['berth.run']}-${labels['berth.launch']}`;
}
