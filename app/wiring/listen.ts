import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BerthError } from '../core/model/errors.ts';

/**
 * Makes a server listen.
 *
 * @returns the port.
 * @throws BerthError `port_in_use`, `config_invalid`.
 */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(explained(error, host, port));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      // A server that listens on a port has an address of this form.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new BerthError('port_in_use', `Port ${port} of ${host} is in use by another program.`, {
      cause: error,
      hint: 'Stop that program, or set PORT to another port; 0 takes a free one.',
    });
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new BerthError(
      'config_invalid',
      `Berth cannot listen on port ${port} of ${host}: ${error.message}.`,
      {
        cause: error,
        hint: 'Set HOST to an address of this machine, and PORT to one above 1023.',
      },
    );
  }
  return error;
}
