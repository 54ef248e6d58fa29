import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One pipe for stdout and stderr together, so that their order is kept. */
export interface OutputPipe {
  /** File descriptor for the child's stdout and stderr. */
  readonly writeFd: number;
  /** Ends when every writing process has closed its end. */
  readonly reader: Socket;
  /** Closes this process's writing end. Call it when the child has started. */
  closeWriter(): void;
}

/** A named pipe that can be opened once. */
export interface PipeName {
  open(): Promise<OutputPipe>;
}

/**
 * Creates named pipes. The pipes of Node are sockets, and on those `tee /dev/stderr` or `echo >/dev/stdout` in a test fails
 * with "No such device or address".
 *
 * @param directory contains the names until each pipe is opened
 */
export async function makePipes<Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<Record<Name, PipeName>> {
  const paths = names.map((name) => join(directory, `${name}.pipe`));
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  const pipes = names.map((name, place) => [name, { open: () => openPipe(paths[place] ?? '') }]);
  // The names are those of the parameter.
  return Object.fromEntries(pipes) as Record<Name, PipeName>;
}

async function openPipe(path: string): Promise<OutputPipe> {
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  await rm(path);
  return {
    writeFd,
    reader: new Socket({ fd: readFd, readable: true, writable: false }),
    closeWriter: () => closeSync(writeFd),
  };
}
