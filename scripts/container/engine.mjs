import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { Missing } from '../testing/missing.mjs';
import { succeeds } from '../testing/succeeds.mjs';
import { ensurePrograms, programEnvironment, run } from './programs.mjs';

const startWithinSeconds = 60;

/** The data of the engine that this script starts, kept between runs. It can be deleted while no engine runs. */
const kept = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'berth', 'docker');

/**
 * Finds the Docker engine of this machine. If none responds, starts one for the tests with separate directories.
 *
 * @returns {Promise<{ address: string, docker: Docker, stop: () => Promise<void> }>} `stop` ends the engine if this function started it
 * @throws Missing
 */
export async function findOrStartEngine() {
  const address = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const docker = clientAt(address);
  if (await answers(docker)) {
    console.error(`Using the Docker engine at ${address}.`);
    return { address, docker, stop: async () => {} };
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Missing(
      `No Docker engine responds at ${address}. Start Docker, set DOCKER_HOST to its address, or run this as root on Debian to install and start an engine for the tests.`,
    );
  }
  await ensurePrograms({ dockerd: 'docker.io', iptables: 'iptables' });
  return startEngine();
}

async function startEngine() {
  const home = await mkdtemp(join(tmpdir(), 'berth-dockerd-'));
  const address = `unix://${home}/docker.sock`;
  const log = await open(join(home, 'log'), 'a');
  const data = await dataDirectory(home);
  const directories = ['--data-root', data, '--exec-root', `${home}/exec`, '--pidfile', join(data, 'pid')];
  // A separate process group: Ctrl-C interrupts only this script, which then stops the engine.
  const engine = spawn('dockerd', ['--host', address, ...directories], {
    stdio: ['ignore', log.fd, log.fd],
    env: programEnvironment,
    detached: true,
  });
  const ended = new Promise((resolve) => engine.once('exit', resolve));
  const stop = async () => {
    engine.kill('SIGTERM');
    await ended;
    await log.close();
    // The engine may leave the host's network namespace mounted.
    const left = `${home}/exec/netns/default`;
    if ((await readFile('/proc/mounts', 'utf8')).includes(` ${left} `)) await run('umount', left);
    await rm(home, { recursive: true, force: true });
  };
  const docker = clientAt(address);
  for (const begun = Date.now(); !(await answers(docker)); await delay(200)) {
    const failed = engine.exitCode !== null || engine.signalCode !== null;
    if (!failed && Date.now() - begun < startWithinSeconds * 1000) continue;
    const lines = (await readFile(join(home, 'log'), 'utf8')).trimEnd().split('\n').slice(-10);
    await stop();
    throw new Missing(`The Docker engine did not start:\n  ${lines.join('\n  ')}`);
  }
  console.error(`Started a Docker engine at ${address} for the tests.`);
  return { address, docker, stop };
}

/** Returns the data directory. Two engines must not share one, so a second engine gets a temporary one. */
async function dataDirectory(home) {
  const pid = await readFile(join(kept, 'pid'), 'utf8').catch(() => '');
  const data = pid !== '' && existsSync(`/proc/${pid.trim()}`) ? join(home, 'data') : kept;
  await mkdir(data, { recursive: true });
  return data;
}

function clientAt(address) {
  if (address.startsWith('unix://'))
    return new Docker({ socketPath: address.slice('unix://'.length), host: '' });
  const { hostname, port } = new URL(address);
  return new Docker({ protocol: 'http', host: hostname, port });
}

async function answers(docker) {
  const { socketPath } = docker.modem;
  if (socketPath !== undefined && !existsSync(socketPath)) return false;
  return succeeds(docker.ping());
}
