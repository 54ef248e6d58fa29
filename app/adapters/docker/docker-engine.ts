import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { BerthError } from '../../core/model/errors.ts';
import { absent } from '../files/read-if-exists.ts';

/** A Docker engine that has answered. */
export interface DockerEngine {
  readonly docker: Docker;
  /** `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375`. */
  readonly address: string;
  readonly version: string;
  readonly cpus: number;
  /**
   * Whether containers share the kernel of this system, so that a socket can be mounted into them. False with Docker
   * Desktop, where they run in a virtual machine.
   */
  readonly sharesKernel: boolean;
}

const answerWithinMilliseconds = 5000;

/** Finds the engine of this machine: at the configured address, or at the first of the usual sockets that exists. */
export async function engineAddress(options: {
  /** `DOCKER_HOST`. */
  readonly dockerHost?: string;
  readonly homeDir: string;
}): Promise<string> {
  if (options.dockerHost !== undefined) return options.dockerHost;
  const usual = '/var/run/docker.sock';
  for (const path of [usual, join(options.homeDir, '.docker/run/docker.sock')]) {
    if ((await stat(path).catch(absent)) !== undefined) return `unix://${path}`;
  }
  return `unix://${usual}`;
}

/**
 * Finds the engine that answers at an address.
 *
 * @throws BerthError `engine_unreachable` if none answers.
 */
export async function connectEngine(address: string, platform: NodeJS.Platform): Promise<DockerEngine> {
  const docker = clientAt(address);
  try {
    const info = await withinTime(docker.info());
    return {
      docker,
      address,
      version: info.ServerVersion,
      cpus: info.NCPU,
      sharesKernel: platform === 'linux' && info.OperatingSystem !== 'Docker Desktop',
    };
  } catch (cause) {
    throw engineUnreachable(address, cause);
  }
}

function clientAt(address: string): Docker {
  if (address.startsWith('unix://')) {
    // An empty host keeps docker-modem from using DOCKER_HOST.
    return new Docker({ socketPath: address.slice('unix://'.length), host: '' });
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'tcp:' && url?.protocol !== 'http:') {
    throw new BerthError('engine_unreachable', `Docker engines at "${address}" are not supported`, {
      hint: 'Use unix:///path/to/docker.sock or tcp://host:port as DOCKER_HOST.',
    });
  }
  return new Docker({ protocol: 'http', host: url.hostname, port: url.port || '2375' });
}

async function withinTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const time = AbortSignal.timeout(answerWithinMilliseconds);
  return new Promise((resolve, reject) => {
    time.addEventListener('abort', () => reject(time.reason));
    answer.then(resolve, reject);
  });
}

/** The error for an engine that does not answer, with what to do. */
function engineUnreachable(address: string, cause: unknown): BerthError {
  const isRefused = String(cause).includes('EACCES');
  return new BerthError('engine_unreachable', `no Docker engine answers at ${address}`, {
    cause,
    hint: isRefused
      ? 'This user does not have access to the socket: add the user to the group docker, or set DOCKER_HOST to another engine.'
      : 'Start Docker, set DOCKER_HOST to its address, or use BERTH_EXECUTOR=process.',
  });
}

/**
 * Calls the engine.
 *
 * @param expected error statuses that are valid answers, such as 404: then the result is undefined.
 * @throws BerthError `engine_unreachable` if it does not answer, otherwise the error of the engine.
 */
export async function ask<Answer>(
  engine: Pick<DockerEngine, 'address'>,
  call: () => Promise<Answer>,
  ...expected: readonly number[]
): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined && isSystemError(error)) throw engineUnreachable(engine.address, error);
    if (status !== undefined && expected.includes(status)) return undefined;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  const isAnswer = typeof error === 'object' && error !== null && 'statusCode' in error;
  return isAnswer && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** A connection that was refused or broke: an error of Node's with a code such as `ECONNREFUSED`. */
function isSystemError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error;
}
