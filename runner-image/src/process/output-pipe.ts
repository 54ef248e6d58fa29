import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One pipe for stdout and stderr together, so that their order is kept. */
export interface OutputPipe {
  /** Handed to the child as its stdout and its stderr. */
  readonly writeFd: number;
  /** Ends when every process that can write has closed its end. */
  readonly reader: Socket;
  /** Closes this process's own writing end; to be called once the child has it. */
  closeWriter(): void;
}

/** A place in the file system by which one pipe can be opened. */
export interface PipeName {
  open(): Promise<OutputPipe>;
}

/**
 * Makes pipes of the kernel's, by name. The pipes that Node makes are sockets, and on those a test's
 * `tee /dev/stderr` or `echo >/dev/stdout` fails with "No such device or address".
 *
 * @param directory where the names are, until each is opened
 */
export async function makePipes<Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<Record<Name, PipeName>> {
  const paths = names.map((name) => join(directory, `${name}.pipe`));
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  const pipes = names.map((name, place) => [name, { open: () => openPipe(paths[place] ?? '') }]);
  // The names are those that were asked for.
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
