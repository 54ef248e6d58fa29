import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts a server and waits until it says where it listens.
 *
 * @param {string} name for messages
 * @param {string} command
 * @param {string[]} args
 * @param {RegExp} announced its first group is the URL in a line of the server's output
 * @returns {Promise<{url: string, stop: () => Promise<void>}>}
 */
export async function startServer(name, command, args, announced) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const lastLines = [];
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lastLines.splice(0, lastLines.length, ...lastLines.slice(-20), line);
        const found = announced.exec(line);
        if (found) resolve(found[1]);
      });
    }
    ended.then(() => reject(new Error(`${name} did not start:\n${lastLines.join('\n')}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(killer);
  };
  return { url, stop };
}

/**
 * Starts moto's server.
 *
 * @param {string} program from `installMoto`
 */
export const startMoto = (program) =>
  startServer('moto', program, ['-H', '127.0.0.1', '-p', '0'], /Running on (http:\/\/127\.0\.0\.1:\d+)/);
