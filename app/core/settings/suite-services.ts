import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { isImageName, mostServices, type Service, serviceDefaults } from '../model/service.ts';
import { commandSchema, cpuSchema, durationSchema, envSchema, memorySchema } from './setting-values.ts';
import { template } from './suite-matrix.ts';

/** Names that mean something else in the network of a task. */
const reservedNames = ['localhost', 'host', 'runner', 'berth'];

const serviceName = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/,
    'lower-case letters, digits, and -, at most 30, starting with a letter',
  )
  .refine((name) => !reservedNames.includes(name), `not ${reservedNames.join(', ')}`);

const argumentSchema = z.string().max(2_000);

const commandOfServiceSchema = z.union([
  z
    .string()
    .min(1)
    .max(2_000)
    .regex(/^[^'"\\$`]*$/, 'a list of arguments, because one of them has quotes, \\, $, or `')
    .refine((text) => text.trim() !== '', 'must not be blank')
    .transform((text) => text.trim().split(/\s+/)),
  z.array(argumentSchema).min(1).max(100, 'at most 100 arguments'),
]);

const portSchema = z.number().int().min(1).max(65_535);

/** The longest time limit of a service. */
const mostTimeoutSeconds = 1_800;

const serviceShape = z.strictObject({
  image: z
    .string()
    .max(500)
    .refine(
      (image) => isImageName(image.replace(template, 'x')),
      'the name of a container image, such as postgres:16',
    )
    .meta({ description: 'The container image.' }),
  env: envSchema
    .optional()
    .meta({ description: 'Environment variables of the service. They are visible: no secrets here.' }),
  command: commandOfServiceSchema.optional().meta({
    description: 'Replaces the command of the image: a list of arguments, or words separated by spaces.',
  }),
  ready: commandSchema.optional().meta({
    description:
      'A shell command in the container of the service. The suite starts once it succeeds, such as `pg_isready -U postgres`.',
  }),
  ports: z
    .union([portSchema, z.array(portSchema).max(10, 'at most 10 ports')])
    .transform((ports) => (typeof ports === 'number' ? [ports] : ports))
    .optional()
    .meta({ description: 'TCP ports that must accept connections before the suite starts.' }),
  cpu: cpuSchema.optional().meta({ description: 'vCPUs, 0.25 to 16. Default: 0.5.' }),
  memory: memorySchema
    .optional()
    .meta({ description: 'Memory in MiB, or a size such as 2GB. Default: 1024.' }),
  timeout: durationSchema
    .refine((seconds) => seconds <= mostTimeoutSeconds, 'a duration of at most 30m')
    .optional()
    .meta({ description: 'Time limit for the service to become ready. Default: 2m.' }),
  credentials: z
    .string()
    .regex(
      /^(secretsmanager:[\w/+=.@-]{1,512}|arn:aws[\w-]*:secretsmanager:[\w:/+=.@-]{1,1900})$/,
      'secretsmanager:<name>, or the ARN of a secret',
    )
    .optional()
    .meta({
      description:
        'A secret in Secrets Manager with the credentials of a private registry: {"username": "…", "password": "…"}.',
    }),
});

export const serviceKeys: readonly string[] = Object.keys(serviceShape.shape);

const serviceSettingsSchema = serviceShape.transform(({ cpu, memory, timeout, ...service }) => ({
  ...service,
  env: service.env ?? {},
  ports: service.ports ?? [],
  cpuUnits: cpu ?? serviceDefaults.cpuUnits,
  memoryMib: memory ?? serviceDefaults.memoryMib,
  timeoutSeconds: timeout ?? serviceDefaults.timeoutSeconds,
}));

export const servicesSchema = z
  .record(serviceName, serviceSettingsSchema)
  .superRefine((services, context) => {
    const refuse = (message: string, path: string[]): void =>
      context.addIssue({ code: 'custom', path, message });
    if (Object.keys(services).length > mostServices) refuse(`at most ${mostServices} services`, []);
    const taken = new Map<number, string>();
    for (const [name, { ports }] of Object.entries(services)) {
      for (const port of new Set(ports)) {
        const other = taken.get(port);
        if (other !== undefined)
          refuse(
            `the service ${other} has port ${port} too: the services of a suite share one network, so give one of them another port`,
            [name, 'ports'],
          );
        taken.set(port, name);
      }
    }
  })
  .transform((services): Service[] =>
    Object.entries(services).map(([name, service]) => omitUndefined({ ...service, name })),
  );
