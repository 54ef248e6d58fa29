import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container, ContainerInspectInfo } from 'dockerode';
import type { TaskRef, TaskStatus } from '../../core/model/task.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { Executor, LaunchRequest } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { logPath, serviceLogPath } from '../files/file-logs.ts';
import { readStop, recordStop } from '../local/stop-record.ts';
import { parseTaskName, partsOfTaskName, taskName } from '../local/task-name.ts';
import { arnPrefix, mounts, taskLabels } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import { containerMaker } from './create-container.ts';
import { ask, type DockerEngine } from './docker-engine.ts';
import { isUnreachable, launchFailed, nameTaken, withdrawn } from './launch-errors.ts';
import { listTasks } from './list-tasks.ts';
import { refuseLinkLocal, removeHelpers } from './refuse-link-local.ts';
import { untilReady } from './service-gate.ts';
import { type DeclaredService, declaredServices } from './service-spec.ts';
import { isGateOpen, makeTaskDirectory, openGate } from './task-gate.ts';
import { taskNetworks } from './task-network.ts';
import { type TaskServices, taskServices } from './task-services.ts';

export interface DockerExecutorOptions {
  readonly engine: DockerEngine;
  readonly dataDir: string;
  /** The name of the data directory, unique on the engine: see `data-secret.ts`. */
  readonly instance: string;
  /** The default image. */
  readonly image: string;
  /** The directory in which the server listens at `berth.sock`, for engines that share the kernel. */
  readonly socketDirectory: string;
  /** Where the server listens on the loopback interface, for engines that do not. */
  readonly port: number;
  /** `bridge`: a separate network for each task. `none`: tasks only reach the server. */
  readonly network: 'bridge' | 'none';
  /** Whether a task can write only to `/tmp`. */
  readonly readonlyRootfs: boolean;
  /** The default disk limit of a task. */
  readonly diskGib: number;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'unique'>;
  readonly logger: Logger;
  /** Between TERM and KILL: longer than the runner's own grace, as it writes its results in that time. */
  readonly stopGraceSeconds?: number;
}

/**
 * Runs tasks as containers of a Docker engine on this machine.
 *
 * The engine knows the state; in addition, `<dataDir>/tasks/<task>/` holds what an engine cannot remember: that
 * the runner may start (`go`), and that it has to stop (`stop.json`).
 */
export function dockerExecutor(options: DockerExecutorOptions): Executor {
  const { engine, instance, clock, ids, logger, stopGraceSeconds = 15 } = options;
  const hasNetwork = options.network !== 'none';
  const usesSocket = engine.sharesKernel || !hasNetwork;
  const maker = containerMaker(engine, logger);
  /** Tasks that this server has asked the engine to stop. */
  const stopping = new Set<string>();
  const known = new Map<string, TaskServices>();
  /** Tasks whose services are waited for. */
  const gates = new Set<string>();

  const containerName = (name: string): string => `berth-${name}`;
  const containerOf = (name: string): Container => engine.docker.getContainer(containerName(name));
  const directoryOf = (name: string): string => join(options.dataDir, 'tasks', name);

  function nameOf(task: TaskRef): string | undefined {
    const name = task.arn.startsWith(arnPrefix) ? task.arn.slice(arnPrefix.length) : '';
    return parseTaskName(name) && name;
  }

  /** A label that tasks do not have, so that a helper is not listed as one. */
  const helperLabels = (name: string) => ({ 'berth.helper': instance, 'berth.helps': name });

  const networksOf = (name: string) => taskNetworks(engine, taskLabels(partsOfTaskName(name), instance));

  function servicesOf(name: string): TaskServices {
    const { runId } = partsOfTaskName(name);
    const services =
      known.get(name) ??
      taskServices({
        engine,
        task: containerName(name),
        labels: { ...helperLabels(name), 'berth.run': runId },
        logPath: (service) => serviceLogPath(options.dataDir, runId, service),
        logger,
      });
    known.set(name, services);
    return services;
  }

  /** Inspects the container of a task; undefined if it is unknown, or belongs to another server. */
  async function inspect(name: string): Promise<ContainerInspectInfo | undefined> {
    const found = await ask(engine, () => containerOf(name).inspect(), 404);
    return found?.Config.Labels['berth.server'] === instance ? found : undefined;
  }

  async function statusOf(name: string): Promise<TaskStatus | undefined> {
    const container = await inspect(name);
    if (container === undefined) return undefined;
    const stop = await readStop(directoryOf(name));
    if (stop !== undefined && container.State.Running) askToStop(name);
    const declared = declaredServices(container.Config.Labels);
    const arn = `${arnPrefix}${name}`;
    if (declared.length === 0) return containerStatus(arn, container, stop);
    const isHeld = !(await isGateOpen(directoryOf(name)));
    const services = servicesOf(name);
    if (isHeld && stop === undefined && container.State.Running) waitForServices(name, declared);
    services.followLogs(declared);
    return {
      ...containerStatus(arn, container, stop, { isHeld }),
      services: await services.statuses(declared, container, stop !== undefined),
    };
  }

  /** The engine answers when the container has ended, and kills it if necessary even if this process has ended. */
  function askToStop(name: string): void {
    if (stopping.has(name)) return;
    stopping.add(name);
    ask(engine, () => containerOf(name).stop({ t: stopGraceSeconds }), 304, 404).catch((error: unknown) => {
      logger.warn({ error, task: name }, 'a container could not be stopped; the next check retries');
      stopping.delete(name);
    });
  }

  async function create(request: LaunchRequest, name: string): Promise<void> {
    const networks = networksOf(name);
    const network = hasNetwork ? `${containerName(name)}-${ids.unique()}` : 'none';
    if (hasNetwork) await networks.create(network);
    const isFirst = await maker.create(containerName(name), request, {
      instance,
      image: request.image ?? options.image,
      network,
      logPath: logPath(options.dataDir, request.runId),
      taskDirectory: directoryOf(name),
      readonlyRootfs: options.readonlyRootfs,
      diskGib: options.diskGib,
      ...(usesSocket ? { socketDirectory: options.socketDirectory } : {}),
    });
    if (isFirst) return;
    const winner = await appeared(name);
    if (winner === undefined) throw nameTaken(containerName(name));
    await networks.remove(winner.HostConfig.NetworkMode);
  }

  /** Finds the container that already has a name: an engine refuses the name a moment before it lists the container. */
  async function appeared(name: string): Promise<ContainerInspectInfo | undefined> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const found = await inspect(name);
      if (found !== undefined) return found;
      await delay(20);
    }
    return undefined;
  }

  /** Lets the runner begin, once it can no longer reach what it must not, and once its services are ready. */
  async function releaseRunner(name: string, { services }: LaunchRequest): Promise<void> {
    if ((await isGateOpen(directoryOf(name))) || (await readStop(directoryOf(name)))) return;
    if (hasNetwork) await closeMetadata(name);
    if (services === undefined) await openGate(directoryOf(name));
    // Their gate is opened by `waitForServices`.
    else await servicesOf(name).start(services);
  }

  /** Opens the gate of a task once its services are ready, or stops it. A restarted server begins again. */
  function waitForServices(name: string, declared: readonly DeclaredService[]): void {
    if (gates.has(name)) return;
    gates.add(name);
    const directory = directoryOf(name);
    const isWanted = async () =>
      (await readStop(directory)) === undefined && (await inspect(name))?.State.Running === true;
    const wait = async () => {
      const failure = await untilReady({ services: servicesOf(name), declared, clock, isWanted });
      if (!(await isWanted())) return;
      if (failure === undefined) await openGate(directoryOf(name));
      else await recordStop(directory, { at: clock.now(), reason: failure, failure: 'service_not_ready' });
    };
    wait()
      .catch((error: unknown) => {
        logger.warn({ error, task: name }, 'the services of a task could not be checked; checking again');
      })
      .finally(() => gates.delete(name));
  }

  async function closeMetadata(name: string): Promise<void> {
    const closed = await refuseLinkLocal({
      engine,
      container: containerName(name),
      image: options.image,
      helper: `${containerName(name)}-route-${ids.unique()}`,
      labels: helperLabels(name),
    });
    if (closed || !(await inspect(name))?.State.Running) return;
    const about = { task: name, image: options.image };
    logger.warn(about, 'the metadata address is not blocked: the image lacks `ip` (iproute2)');
  }

  /** Removes everything of a task from the engine, but never what another server has under the same name. */
  async function discardContainer(name: string): Promise<void> {
    if ((await inspect(name)) !== undefined) {
      await ask(engine, () => containerOf(name).remove({ force: true, v: true }), 404);
    }
    await servicesOf(name).end();
    known.delete(name);
    await removeHelpers(engine, helperLabels(name));
    await networksOf(name).remove();
    stopping.delete(name);
  }

  async function discard(name: string): Promise<void> {
    await discardContainer(name);
    await rm(directoryOf(name), { recursive: true, force: true });
  }

  async function start(name: string): Promise<void> {
    try {
      // 304: it is already started.
      await ask(engine, () => containerOf(name).start(), 304);
    } catch (error) {
      if (!isUnreachable(error)) await discard(name);
      throw error;
    }
  }

  async function launch(request: LaunchRequest, name: string): Promise<TaskStatus> {
    await makeTaskDirectory(directoryOf(name));
    if ((await inspect(name)) === undefined) {
      // Before anything exists: a pull may take minutes, and starts again after a crash.
      if (request.services !== undefined) await servicesOf(name).pull(request.services);
      await create(request, name);
    }
    const before = await statusOf(name);
    if (before === undefined) throw nameTaken(containerName(name));
    if (before.lastStatus === 'STOPPED') return before;
    if (before.lastStatus === 'PENDING') await start(name);
    await releaseRunner(name, request);
    return (await statusOf(name)) ?? before;
  }

  return {
    name: 'docker',
    objectsBaseUrl: usesSocket
      ? `http+unix://${encodeURIComponent(`${mounts.server}/berth.sock`)}`
      : `http://host.docker.internal:${options.port}`,

    async launch(request) {
      const name = taskName(request.runId, request.launch);
      if ((await readStop(directoryOf(name))) !== undefined && (await inspect(name)) === undefined)
        throw withdrawn();
      try {
        return await launch(request, name);
      } catch (error) {
        // A failed launch must not leave a network behind; the resources of an existing task are not touched.
        if (!isUnreachable(error) && (await inspect(name)) === undefined) await discard(name);
        throw launchFailed(error);
      }
    },

    async withdraw(request) {
      const name = taskName(request.runId, request.launch);
      await makeTaskDirectory(directoryOf(name));
      // A parallel launch sees the record before it lets the runner begin.
      await recordStop(directoryOf(name), { at: clock.now(), reason: 'The launch was withdrawn.' });
      const status = await statusOf(name);
      if (status === undefined || status.startedAt !== undefined) return status;
      await discardContainer(name);
      return undefined;
    },

    async describe(tasks) {
      const found = await Promise.all(
        tasks.map(async (task) => {
          const name = nameOf(task);
          return [task.arn, name && (await statusOf(name))] as const;
        }),
      );
      return new Map(found.flatMap(([arn, status]) => (status ? [[arn, status] as const] : [])));
    },

    async stop(task, reason) {
      const name = nameOf(task);
      if (name === undefined || (await inspect(name)) === undefined) return;
      await recordStop(directoryOf(name), { at: clock.now(), reason });
      await statusOf(name);
    },

    async remove(task) {
      const name = nameOf(task);
      if (name !== undefined) await discard(name);
    },

    listTasks: () => listTasks(engine, instance, join(options.dataDir, 'tasks'), directoryOf),
  };
}
