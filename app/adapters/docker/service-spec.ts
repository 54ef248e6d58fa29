import type { ContainerCreateOptions } from 'dockerode';
import type { Service } from '../../core/model/service.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';

/** Set on the containers of services: the name of the service. */
export const serviceLabel = 'berth.service';

/** Set on the container of a task: its services as JSON, so that a restarted server knows what to wait for. */
const servicesLabel = 'berth.services';

/** The settings of a service that are needed after its launch. */
export type DeclaredService = Pick<Service, 'name' | 'ready' | 'timeoutSeconds' | 'memoryMib'>;

/** Set without services too: otherwise, a label of the image would count. */
export function servicesLabels(services: readonly Service[] = []): Record<string, string> {
  const declared: DeclaredService[] = services.map(({ name, ready, timeoutSeconds, memoryMib }) =>
    omitUndefined({ name, ready, timeoutSeconds, memoryMib }),
  );
  return { [servicesLabel]: JSON.stringify(declared) };
}

/** @param labels those of the container of a task. */
export function declaredServices(labels: Readonly<Record<string, string>>): readonly DeclaredService[] {
  // Written by `servicesLabels`, whose labels take precedence over those of the image.
  return JSON.parse(labels[servicesLabel] ?? '[]');
}

const mostProcesses = 2048;

/** Default capabilities of Docker that a service does not need. */
const dropped = ['NET_RAW', 'MKNOD', 'AUDIT_WRITE'];

/**
 * The container of a service. It shares the network of its task, with its routes, and its `/etc/hosts`. Images of
 * databases start as root and then change their user, so it keeps most of the default capabilities.
 */
export function serviceSpec(
  { image, env, command, cpuUnits, memoryMib }: Service,
  { task, labels, cpus }: { task: string; labels: Readonly<Record<string, string>>; cpus: number },
): ContainerCreateOptions {
  const memoryBytes = memoryMib * 1024 * 1024;
  return {
    Image: image,
    ...(command === undefined ? {} : { Cmd: [...command] }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...labels },
    HostConfig: {
      Init: true,
      NetworkMode: `container:${task}`,
      NanoCpus: Math.min(cpuUnits / 1024, cpus) * 1e9,
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      PidsLimit: mostProcesses,
      CapDrop: dropped,
      SecurityOpt: ['no-new-privileges'],
      // Longer than what is copied of it: see service-log.ts.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '12m', 'max-file': '2' } },
    },
  };
}
