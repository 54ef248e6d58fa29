import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RoleCredentials } from '../../../app/core/model/job.ts';

/** Serves the credentials of the suite's role to the AWS SDKs and tools that the commands use. */
export interface CredentialEndpoint {
  /** Tell the SDKs where it is. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** The current credentials, or why there are none. */
export type CredentialAnswer =
  | { readonly credentials: RoleCredentials }
  /** @property isFinal false if it may be different in a moment. */
  | { readonly refusal: string; readonly isFinal: boolean };

/**
 * Starts the endpoint on loopback. Only processes that have the token of `env` get an answer: the container credentials
 * provider of each SDK sends it (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
 *
 * @param token a secret of this run.
 */
export async function startCredentialEndpoint(
  token: string,
  current: () => Promise<CredentialAnswer>,
): Promise<CredentialEndpoint> {
  const server = createServer((request, response) => {
    if (!isEqual(request.headers.authorization ?? '', token)) {
      return send(response, 401, { Code: 'Unauthorized', Message: 'The authorization token is not valid.' });
    }
    current().then(
      (answer) => {
        if ('credentials' in answer) send(response, 200, answer.credentials);
        else if (answer.isFinal) send(response, 403, { Code: 'AccessDenied', Message: answer.refusal });
        else send(response, 503, { Code: 'ServiceUnavailable', Message: answer.refusal });
      },
      () => send(response, 503, { Code: 'ServiceUnavailable', Message: 'Berth did not answer.' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // The endpoint keeps no process alive.
  server.unref();
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function newEndpointToken(): string {
  return randomBytes(32).toString('base64url');
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
