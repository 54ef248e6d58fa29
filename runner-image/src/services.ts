import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../../app/core/model/job.ts';
import { RunnerError } from './runner-error.ts';

type Service = Job['services'][number];

const tryEveryMilliseconds = 200;
const longestTryMilliseconds = 2_000;

/**
 * Waits until the ports of all services accept connections.
 *
 * @throws RunnerError `service_not_ready` if one does not in time
 */
export async function waitForServices(
  services: Job['services'],
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => Date },
): Promise<void> {
  const begin = now().getTime();
  const waiting = services.flatMap((service) => service.ports.map((port) => ({ service, port })));
  await Promise.all(
    waiting.map(async ({ service, port }) => {
      while (!(await acceptsConnections(port))) {
        signal.throwIfAborted();
        if (now().getTime() - begin >= service.timeoutSeconds * 1000)
          throw new RunnerError(
            'service_not_ready',
            `The service ${service.name} did not accept connections on port ${port} within ${service.timeoutSeconds} s. See its log.`,
          );
        await delay(tryEveryMilliseconds);
      }
    }),
  );
}

/** Finds the services with a port that no longer accepts connections. */
export async function servicesDown(services: Job['services']): Promise<string[]> {
  const isUp = async ({ ports }: Service): Promise<boolean> =>
    (await Promise.all(ports.map(acceptsConnections))).every(Boolean);
  const states = await Promise.all(services.map(async (service) => ({ service, up: await isUp(service) })));
  return states.flatMap(({ service, up }) => (up ? [] : [service.name]));
}

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: 'localhost', port, autoSelectFamily: true });
    const end = (accepts: boolean) => () => {
      socket.destroy();
      resolve(accepts);
    };
    socket.setTimeout(longestTryMilliseconds, end(false));
    socket.once('connect', end(true)).once('error', end(false));
  });
}
