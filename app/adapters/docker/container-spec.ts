import type { ContainerCreateOptions } from 'dockerode';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { servicesLabels } from './service-spec.ts';

/** A task's ARN is this and its name. */
export const arnPrefix = 'docker:';

/** The paths of the mounts in a container. */
export const mounts = {
  /** The directory of the server's socket; read-only. */
  server: '/berth',
  /** Holds `go` once the runner may begin; read-only. */
  task: '/berth-task',
  /** The run's log file. */
  log: '/berth-log',
} as const;

/** A label of images whose own command begins with an init. */
export const initLabel = 'berth.init';

export interface ContainerSurroundings {
  /** Distinguishes the containers of this server from others on the engine. */
  readonly instance: string;
  readonly image: string;
  /** The image's own ENTRYPOINT and CMD: they start the runner. */
  readonly command: readonly string[];
  /** Whether that command begins with an init, which the runner's image declares by {@link initLabel}. */
  readonly hasInit: boolean;
  /** Name of the container's own network, or `none`. */
  readonly network: string;
  readonly logPath: string;
  readonly taskDirectory: string;
  /** If omitted, containers reach the server by TCP. */
  readonly socketDirectory?: string;
  /** The processors of the engine, which refuses a higher limit. */
  readonly cpus: number;
  readonly readonlyRootfs: boolean;
  /** The default disk limit of a task. */
  readonly diskGib: number;
  /** False if the engine's storage cannot limit a container. */
  readonly limitsStorage: boolean;
}

/** The processes and threads of one task; a fork bomb ends here. */
const mostProcesses = 2048;

/** The runner ends a task that exceeds its disk limit, and reports it. The quota is the second line of defense. */
const quotaShare = 1.1;

/**
 * Waits until the executor has set up the network, and runs the command of the image. Its output goes
 * straight to the log file: it outlives the server, and stays exact to the byte, which it does not through a log
 * driver of Docker 20 (`json-file` breaks characters apart at every 16 KiB of a line, `local` joins long lines).
 *
 * Process 1 ignores signals without a trap.
 */
const script = `trap 'exit 143' TERM INT; until [ -e ${mounts.task}/go ]; do sleep 0.02; done; exec "$@" >>${mounts.log} 2>&1`;

/** Builds the container of a task, with the least privileges. */
export function containerSpec(
  request: LaunchRequest,
  surroundings: ContainerSurroundings,
): ContainerCreateOptions {
  const { image, command, network, readonlyRootfs } = surroundings;
  const diskGib = (request.ephemeralStorageGib ?? surroundings.diskGib) * quotaShare;
  const env = {
    ...request.env,
    // For a read-only file system.
    ...(readonlyRootfs ? { HOME: '/tmp', TMPDIR: '/tmp' } : {}),
    BERTH_JOB_URL: request.jobUrl,
    BERTH_LOG_TIMES: 'true',
  };
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', script, 'berth-task'],
    Cmd: [...command],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...taskLabels(request, surroundings.instance),
      'berth.project': request.projectId,
      ...omitUndefined({ 'berth.stack': request.stackName }),
      ...servicesLabels(request.services),
    },
    HostConfig: {
      // Another process would be visible to the tests, with the job's URL in its environment: see runner-image/README.md.
      Init: !surroundings.hasInit,
      NetworkMode: network,
      NanoCpus: Math.min(request.cpuUnits / 1024, surroundings.cpus) * 1e9,
      Memory: request.memoryMib * 1024 * 1024,
      // Equal to the memory: no swap.
      MemorySwap: request.memoryMib * 1024 * 1024,
      PidsLimit: mostProcesses,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: readonlyRootfs,
      Mounts: mountsOf(request, surroundings),
      ExtraHosts: [
        ...(surroundings.socketDirectory === undefined ? ['host.docker.internal:host-gateway'] : []),
        // Services share the network of the task.
        ...(request.services ?? []).map(({ name }) => `${name}:127.0.0.1`),
      ],
      ...(surroundings.limitsStorage ? { StorageOpt: { size: `${Math.ceil(diskGib * 1024 ** 3)}` } } : {}),
    },
  };
}

/** The labels of everything in the engine that belongs to a task. */
export function taskLabels(
  { runId, launch }: Pick<LaunchRequest, 'runId' | 'launch'>,
  instance: string,
): Record<string, string> {
  return { 'berth.server': instance, 'berth.run': runId, 'berth.launch': String(launch) };
}

type Mounts = NonNullable<NonNullable<ContainerCreateOptions['HostConfig']>['Mounts']>;

function mountsOf(request: LaunchRequest, surroundings: ContainerSurroundings): Mounts {
  const { socketDirectory } = surroundings;
  const bind = (Source: string, Target: string, ReadOnly: boolean) =>
    ({ Type: 'bind', Source, Target, ReadOnly }) as const;
  return [
    bind(surroundings.logPath, mounts.log, false),
    bind(surroundings.taskDirectory, mounts.task, true),
    ...(socketDirectory === undefined ? [] : [bind(socketDirectory, mounts.server, true)]),
    ...(request.localRepository === undefined
      ? []
      : [bind(request.localRepository, request.localRepository, true)]),
    // An anonymous volume: on disk, and removed with the container.
    ...(surroundings.readonlyRootfs ? [{ Type: 'volume', Source: '', Target: '/tmp' } as const] : []),
  ];
}
