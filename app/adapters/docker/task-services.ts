import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerInspectInfo } from 'dockerode';
import type { ServiceStatus } from '../../core/model/service.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchedService } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { engineDate } from './container-status.ts';
import { ask, type DockerEngine } from './docker-engine.ts';
import { pullImage } from './pull-image.ts';
import { copyLog } from './service-log.ts';
import { type DeclaredService, serviceLabel, serviceSpec } from './service-spec.ts';

/** The services of one task: containers that share its network. */
export interface TaskServices {
  /** Pulls the images that the engine does not have. @throws BerthError `image_not_found`. */
  pull(services: readonly LaunchedService[]): Promise<void>;
  /** Creates and starts the containers that do not run yet. The container of the task runs. Idempotent. */
  start(services: readonly LaunchedService[]): Promise<void>;
  /** @returns undefined if the service has no container. */
  inspect(service: string): Promise<ContainerInspectInfo | undefined>;
  /** Runs a shell command in the container of a service. @returns its exit code and its output. */
  exec(service: string, command: string): Promise<{ exitCode: number; output: string }>;
  /** @param task the container of the task. */
  statuses(
    declared: readonly DeclaredService[],
    task: Pick<ContainerInspectInfo, 'State'>,
    isStopped: boolean,
  ): Promise<readonly ServiceStatus[]>;
  /** Copies the logs of the services to files, in the background. */
  followLogs(declared: readonly Pick<DeclaredService, 'name'>[]): void;
  /** Ends the services, and waits for the rest of their logs. They still have to be removed. */
  end(): Promise<void>;
}

const longestOutput = 2_000;
const logsEndWithinMilliseconds = 5_000;

/** @param options.labels mark the containers that belong to the task, besides the task's own. */
export function taskServices(options: {
  readonly engine: DockerEngine;
  /** The name of the container of the task. */
  readonly task: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logPath: (service: string) => string;
  readonly logger: Logger;
}): TaskServices {
  const { engine, task, labels, logger } = options;
  const copies = new Map<string, Promise<void>>();
  const nameOf = (service: string): string => `${task}-service-${service}`;
  const containerOf = (service: string) => engine.docker.getContainer(nameOf(service));

  /** A container under this name that is not of this task stays out of sight. */
  async function inspect(service: string): Promise<ContainerInspectInfo | undefined> {
    const found = await ask(engine, () => containerOf(service).inspect(), 404);
    const isOurs = Object.entries(labels).every(([name, value]) => found?.Config.Labels[name] === value);
    return isOurs ? found : undefined;
  }

  async function startOne(service: LaunchedService): Promise<void> {
    const spec = serviceSpec(service, {
      task,
      labels: { ...labels, [serviceLabel]: service.name },
      cpus: engine.cpus,
    });
    // 409: there is one of this name already.
    await ask(engine, () => engine.docker.createContainer({ name: nameOf(service.name), ...spec }), 409);
    const isNew = (await inspect(service.name))?.State.Status === 'created';
    // 304: it has been started already.
    if (isNew) await ask(engine, () => containerOf(service.name).start(), 304);
  }

  function followLog(service: string): Promise<void> {
    const known = copies.get(service);
    if (known !== undefined) return known;
    const copy = copyLog(engine.docker, containerOf(service), options.logPath(service)).catch(
      (error: unknown) => {
        copies.delete(service);
        logger.warn({ error, task, service }, 'the log of a service could not be copied');
      },
    );
    copies.set(service, copy);
    return copy;
  }

  return {
    pull: async (services) => {
      await Promise.all(services.map((service) => pullImage(engine, service)));
    },

    start: async (services) => {
      await Promise.all(services.map(startOne));
    },

    inspect,

    async exec(service, command) {
      const made = await ask(engine, () =>
        containerOf(service).exec({
          Cmd: ['/bin/sh', '-c', command],
          AttachStdout: true,
          AttachStderr: true,
        }),
      );
      if (made === undefined) throw new Error(`the engine runs no command in ${nameOf(service)}`);
      const stream = await made.start({});
      let output = '';
      for await (const chunk of stream) output = `${output}${String(chunk)}`.slice(-longestOutput);
      const { ExitCode: exitCode } = await made.inspect();
      // Each part of the output has a header of eight bytes that no one reads.
      return { exitCode: exitCode ?? -1, output: output.replace(/[^\P{C}\n]/gu, '').trim() };
    },

    async statuses(declared, { State: ofTask }, isStopped) {
      const taskEnd = ofTask.Running ? undefined : engineDate(ofTask.FinishedAt);
      return Promise.all(
        declared.map(async ({ name }): Promise<ServiceStatus> => {
          const state = (await inspect(name))?.State;
          if (state === undefined || state.Status === 'created') return { name, state: 'starting' };
          const outOfMemory = state.OOMKilled ? (true as const) : undefined;
          if (state.Running) return omitUndefined({ name, state: 'ready', outOfMemory });
          const end = engineDate(state.FinishedAt);
          const isEarly = !isStopped && (taskEnd === undefined || end === undefined || end < taskEnd);
          return omitUndefined({
            name,
            state: 'stopped',
            exitCode: state.ExitCode,
            outOfMemory,
            endedEarly: isEarly ? (true as const) : undefined,
          });
        }),
      );
    },

    followLogs(declared) {
      for (const { name } of declared) {
        inspect(name)
          .then((found) => (found === undefined ? undefined : followLog(name)))
          .catch((error: unknown) => {
            logger.warn({ error, task, service: name }, 'the log of a service could not be copied');
          });
      }
    },

    async end() {
      const label = [...Object.entries(labels).map(([key, value]) => `${key}=${value}`), serviceLabel];
      const found = await ask(engine, () => engine.docker.listContainers({ all: true, filters: { label } }));
      const names = (found ?? []).map(({ Labels }) => Labels[serviceLabel] ?? '');
      const logs = names.map(followLog);
      for (const name of names) await ask(engine, () => containerOf(name).kill(), 404, 409);
      await Promise.race([Promise.all(logs), delay(logsEndWithinMilliseconds, undefined, { ref: false })]);
    },
  };
}
