import { BerthError } from './errors.ts';
import type { Service } from './service.ts';

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
