import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine } from '../../app/adapters/docker/docker-engine.ts';
import { eventually } from './eventually.ts';
import { type GitRepository, gitRepository } from './git-repository.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** The body of `GET /workflow/:id`. */
export type Workflow = Record<string, unknown> & { readonly id: string };

/** `berth serve` in a separate process, whose tasks are containers, and a repository for it. */
export interface ContainerBerth {
  readonly server: ServerProcess;
  readonly repository: GitRepository;
  execute(command: string, more?: Record<string, unknown>): Promise<string>;
  /** Polls until the run has the expected state. */
  until(
    id: string,
    what: string,
    wanted: (run: Workflow) => boolean,
    timeoutSeconds?: number,
  ): Promise<Workflow>;
  ended(id: string, timeoutSeconds?: number): Promise<Workflow>;
  log(id: string): Promise<string>;
  /** The containers, networks, and processes of a run. */
  leftOf(id: string): Promise<{ containers: number; networks: number; processes: number }>;
  close(): Promise<void>;
}

export async function containerBerth(environment: Record<string, string> = {}): Promise<ContainerBerth> {
  const directory = await temporaryDirectory();
  const repository = await gitRepository(join(directory.path, 'repository'), { 'README.md': '# sample\n' });
  const dockerHost = process.env.DOCKER_HOST;
  const server = await startServer(join(directory.path, 'data'), {
    BERTH_EXECUTOR: 'docker',
    BERTH_RUNNER_IMAGE: process.env.BERTH_RUNNER_IMAGE ?? 'berth-runner:test',
    ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }),
    ...environment,
  });
  const { docker } = await connectEngine(dockerHost ?? 'unix:///var/run/docker.sock', process.platform);
  /** The containers of a run that were seen. They identify processes after the container is gone. */
  const seen = new Map<string, Set<string>>();

  async function containersOf(id: string): Promise<readonly string[]> {
    const found = await docker.listContainers({ all: true, filters: { label: [`berth.run=${id}`] } });
    const known = seen.get(id) ?? new Set();
    for (const { Id } of found) known.add(Id);
    seen.set(id, known);
    return found.map(({ Id }) => Id);
  }

  const until: ContainerBerth['until'] = (id, what, wanted, timeoutSeconds = 240) =>
    eventually(
      `${id} to ${what}`,
      async () => {
        const { body } = await server.call('GET', `/workflow/${id}`);
        await containersOf(id);
        return wanted({ ...body, id }) && { ...body, id };
      },
      timeoutSeconds,
    );

  return {
    server,
    repository,
    until,
    ended: (id, timeoutSeconds) => until(id, 'end', (run) => run.conclusion != null, timeoutSeconds),

    async execute(command, more = {}) {
      const { status, body } = await server.call('POST', '/workflow/execute', {
        repo_url: repository.url,
        branch: repository.branch,
        test_command: command,
        stack: false,
        ...more,
      });
      if (status !== 202) throw new Error(`The run was refused: ${JSON.stringify(body)}`);
      return String(body.workflow_id);
    },

    async log(id) {
      const { body } = await server.call('GET', `/workflow/${id}/logs`);
      return JSON.stringify(body.lines);
    },

    async leftOf(id) {
      const containers = await containersOf(id);
      const networks = await docker.listNetworks({ filters: { label: [`berth.run=${id}`] } });
      const processes = await processesIn([...(seen.get(id) ?? [])]);
      return { containers: containers.length, networks: networks.length, processes };
    },

    async close() {
      await server.stop();
      const filters = { label: [`berth.server`] };
      for (const { Id } of await docker.listContainers({ all: true, filters })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      await directory.remove();
    },
  };
}

/** How many processes of this machine are in one of these containers. */
async function processesIn(containers: readonly string[]): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const groups = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')),
  );
  return groups.filter((text) => containers.some((id) => text.includes(id))).length;
}
