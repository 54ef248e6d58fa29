import { z } from 'zod';
import { BerthError } from './errors.ts';

/** A container that runs next to the commands of a suite, such as a database. */
export const serviceSchema = z.object({
  /** Its host name, and the name of its log. */
  name: z.string(),
  image: z.string(),
  env: z.record(z.string(), z.string()),
  /** Replaces the command of the image. */
  command: z.array(z.string()).exactOptional(),
  /** A shell command in the container: the service is ready once it succeeds. */
  ready: z.string().exactOptional(),
  /** TCP ports that must accept connections before the commands start. */
  ports: z.array(z.number().int()),
  /** CPU units, 1024 to a vCPU. */
  cpuUnits: z.number().int(),
  memoryMib: z.number().int(),
  /** The time limit for the service to become ready. */
  timeoutSeconds: z.number().int(),
  /** Reference of the secret with the credentials of the registry. */
  credentials: z.string().exactOptional(),
});
export type Service = z.infer<typeof serviceSchema>;

/** A task of ECS has at most 10 containers. */
export const mostServices = 8;

export const serviceDefaults = { cpuUnits: 512, memoryMib: 1024, timeoutSeconds: 120 } as const;

/** The end of a service, as its executor saw it. */
export const serviceStatusSchema = z.object({
  name: z.string(),
  state: z.enum(['starting', 'ready', 'stopped']),
  exitCode: z.number().exactOptional(),
  outOfMemory: z.literal(true).exactOptional(),
  /** It stopped by itself before the commands ended. */
  endedEarly: z.literal(true).exactOptional(),
  /** Where CloudWatch has its output. */
  log: z.object({ group: z.string(), stream: z.string(), region: z.string() }).exactOptional(),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const imagePattern = new RegExp(
  `^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?${component}(?:/${component})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$`,
);

/** Whether a text is the reference of a container image, such as `postgres:16` or `ghcr.io/owner/name@sha256:…`. */
export function isImageName(text: string): boolean {
  return text.length <= 500 && imagePattern.test(text);
}

/** CPU and memory of a task: those of the commands and of the services. */
export function taskSize<Size extends { readonly cpuUnits: number; readonly memoryMib: number }>(
  commands: Size,
  services: readonly Pick<Service, 'cpuUnits' | 'memoryMib'>[] | undefined,
): { readonly cpuUnits: number; readonly memoryMib: number } {
  const all = [commands, ...(services ?? [])];
  return {
    cpuUnits: all.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0),
    memoryMib: all.reduce((sum, { memoryMib }) => sum + memoryMib, 0),
  };
}

/** Why a service ended: `ran out of memory (512 MiB)` or `exited with 1`. */
export function serviceEnd(
  { outOfMemory, exitCode }: Pick<ServiceStatus, 'outOfMemory' | 'exitCode'>,
  { memoryMib }: { readonly memoryMib?: number | undefined },
): string {
  if (outOfMemory === true) return `ran out of memory${memoryMib === undefined ? '' : ` (${memoryMib} MiB)`}`;
  return exitCode === undefined ? 'stopped' : `exited with ${exitCode}`;
}

/** The refusal of an executor that runs no containers. */
export function servicesUnsupported(
  executor: string,
  services: readonly Pick<Service, 'name'>[],
): BerthError {
  const names = services.map(({ name }) => name).join(', ');
  return new BerthError('services_unsupported', `The ${executor} executor cannot run services (${names}).`, {
    hint: 'Use the docker, fargate, or batch executor, or start them in `setup`.',
  });
}
