import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below 32768, where Linux's ephemeral ports start, and above well-known ports. */
const lowest = 20_000;
const highest = 32_000;

/**
 * A free loopback port for a program that starts later, and may restart on the same port.
 *
 * It is outside the range of ports that the system assigns to servers and clients. Otherwise, another test could get it
 * before the program starts.
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
