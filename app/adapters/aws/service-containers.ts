import { BerthError } from '../../core/model/errors.ts';
import { fargateSize } from '../../core/model/fargate-size.ts';
import { type Service, type ServiceStatus, serviceEnd, taskSize } from '../../core/model/service.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { noSuchSize } from './task-environment.ts';

/** The services as a definition has them: without the credentials themselves. */
export function definedServices({ services = [] }: Pick<LaunchRequest, 'services'>): readonly Service[] {
  return services.map(({ registry: _, ...service }) => service);
}

/** Precedes the name of a service in the names of containers. */
const prefix = 'service-';

export function containerNameOf({ name }: Pick<Service, 'name'>): string {
  return `${prefix}${name}`;
}

/** Fargate waits no longer for a container: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export const longestStartSeconds = 120;

/**
 * The size of a task with its services. Fargate offers certain sizes only: what is left over is for the commands.
 *
 * @throws BerthError `launch_failed` if Fargate has nothing so large.
 */
export function sizeWithServices(request: Pick<LaunchRequest, 'cpuUnits' | 'memoryMib' | 'services'>): {
  readonly task: { readonly cpuUnits: number; readonly memoryMib: number };
  readonly commands: { readonly cpuUnits: number; readonly memoryMib: number };
} {
  const { services = [] } = request;
  const wanted = taskSize(request, services);
  const task = fargateSize(wanted);
  if (task === undefined) throw noSuchSize(wanted);
  const ofServices = taskSize({ cpuUnits: 0, memoryMib: 0 }, services);
  const commands = {
    cpuUnits: task.cpuUnits - ofServices.cpuUnits,
    memoryMib: task.memoryMib - ofServices.memoryMib,
  };
  return { task, commands };
}

/** Returns the name or the ARN in the reference of a secret, as ECS and Batch expect it. */
function credentialsParameter(reference: string): string {
  return reference.replace(/^secretsmanager:/, '');
}

/** The parts of a service's definition that ECS and Batch have in common. */
export function serviceContainer(service: Service) {
  const { image, env, command, credentials } = service;
  return {
    name: containerNameOf(service),
    image,
    // Its end does not end the suite, which may no longer need it.
    essential: false,
    environment: Object.entries(env).map(([name, value]) => ({ name, value })),
    linuxParameters: { initProcessEnabled: true },
    ...(command === undefined ? {} : { command: [...command] }),
    ...(credentials === undefined
      ? {}
      : { repositoryCredentials: { credentialsParameter: credentialsParameter(credentials) } }),
  };
}

/** A container as ECS or Batch describes it. */
export interface DescribedContainer {
  readonly name?: string | undefined;
  readonly lastStatus?: string | undefined;
  readonly healthStatus?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** The states of the services of a task. @param logOf the log of a container. */
export function serviceStatuses<Container extends DescribedContainer>(
  containers: readonly Container[],
  logOf: (container: Container & { name: string }) => TaskStatus['log'],
): readonly ServiceStatus[] | undefined {
  const statuses = containers.flatMap((container): ServiceStatus[] => {
    const { name, exitCode } = container;
    if (name?.startsWith(prefix) !== true) return [];
    return [
      omitUndefined({
        name: name.slice(prefix.length),
        state: stateOf(container),
        exitCode: exitCode ?? undefined,
        outOfMemory: outOfMemoryOf(container),
        log: logOf({ ...container, name }),
      }),
    ];
  });
  return statuses.length === 0 ? undefined : statuses;
}

function outOfMemoryOf({ reason = '' }: DescribedContainer): true | undefined {
  return reason.includes('OutOfMemory') ? true : undefined;
}

function stateOf({ lastStatus, healthStatus, exitCode }: DescribedContainer): ServiceStatus['state'] {
  if (lastStatus === 'STOPPED' || typeof exitCode === 'number') return 'stopped';
  return lastStatus === 'RUNNING' && healthStatus !== 'UNHEALTHY' ? 'ready' : 'starting';
}

/** The exit codes of a container that was stopped with its task. */
const stopCodes = [143, 137];

/**
 * Why a task did not start whose runner waited for its services.
 *
 * @returns undefined if no service can be the reason.
 */
export function servicesFailure(containers: readonly DescribedContainer[]): TaskStatus['failure'] {
  const services = containers.filter(({ name }) => name?.startsWith(prefix) === true);
  const isEnded = (one: DescribedContainer): boolean =>
    outOfMemoryOf(one) === true || (typeof one.exitCode === 'number' && !stopCodes.includes(one.exitCode));
  const ended = services.find(isEnded);
  const unhealthy = services.find(
    ({ healthStatus }) => healthStatus === 'UNHEALTHY' || healthStatus === 'UNKNOWN',
  );
  const guilty = ended ?? unhealthy;
  if (guilty?.name === undefined) return undefined;
  const name = guilty.name.slice(prefix.length);
  const outOfMemory = outOfMemoryOf(guilty);
  const what =
    ended === undefined
      ? 'was not ready within its time limit'
      : `${serviceEnd(omitUndefined({ outOfMemory, exitCode: guilty.exitCode }), {})} before it was ready`;
  return { code: 'service_not_ready', message: `The service ${name} ${what}.`, retryable: false };
}

/** @throws BerthError `launch_failed` for a definition without the container of the runner. */
export function noRunner(name: string): BerthError {
  return new BerthError('launch_failed', `The definition ${name} has no container that services can join.`, {
    hint: 'Use a definition with one container, which runs the runner.',
  });
}
