import { runId } from '../../core/model/ids.ts';
import type { Executor } from '../../ports/executor.ts';
import { isKept } from '../local/keep-mark.ts';
import { arnPrefix } from './container-spec.ts';
import { ask, type DockerEngine } from './docker-engine.ts';

/** The tasks of a server that have not ended; a network without a container is what a crash in a launch leaves. */
export async function listTasks(
  engine: DockerEngine,
  instance: string,
  directoryOf: (name: string) => string,
): Promise<Awaited<ReturnType<Executor['listTasks']>>> {
  const filters = { label: [`berth.server=${instance}`] };
  const containers = (await ask(engine, () => engine.docker.listContainers({ all: true, filters }))) ?? [];
  const networks = (await ask(engine, () => engine.docker.listNetworks({ filters }))) ?? [];
  const known = new Set(containers.map(({ Labels }) => nameIn(Labels)));
  const live = containers.filter(({ State }) => !['exited', 'dead', 'removing'].includes(State));
  const begun = networks.filter(({ Labels = {} }) => !known.has(nameIn(Labels)));
  return Promise.all(
    [...live, ...begun].map(async ({ Labels = {} }) => ({
      task: { executor: 'docker', arn: `${arnPrefix}${nameIn(Labels)}` },
      runId: runId(Labels['berth.run'] ?? ''),
      keep: await isKept(directoryOf(nameIn(Labels))),
    })),
  );
}

function nameIn(labels: Readonly<Record<string, string>>): string {
  return `${labels['berth.run']}-${labels['berth.launch']}`;
}
