import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below 32768, where Linux begins to hand out ports by itself, and above what services are known by. */
const lowest = 20_000;
const highest = 32_000;

/**
 * A port of loopback that nobody listens on, for a program that is started later, and perhaps anew at the same port.
 *
 * It is none of those that the system gives to whoever asks for any, or to a client for its own end: between this look
 * and the start, any of the many that other tests ask for could be the same.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`there is no free port from ${lowest} to ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
