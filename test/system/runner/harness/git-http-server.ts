import { execFileSync, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import type { GitRepository } from './git-repository.ts';

export interface GitHttpServer {
  /** The path of the repository. */
  readonly url: string;
  /** Every `Authorization` header that came. */
  readonly authorizations: readonly string[];
  close(): Promise<void>;
}

export interface GitHttpOptions {
  /** Other requests get a 401. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Redirects requests whose path begins with `/old` to this URL. */
  readonly movedTo?: () => string;
  /** Responds like servers that serve only what they advertise. */
  readonly oldProtocol?: boolean;
}

/** Serves a repository over smart HTTP, by git's own `http-backend`. */
export async function serveOverHttp(
  repository: GitRepository,
  options: GitHttpOptions = {},
): Promise<GitHttpServer> {
  const authorizations: string[] = [];
  const wanted =
    options.credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${options.credentials.username}:${options.credentials.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const given = request.headers.authorization;
    if (given !== undefined) authorizations.push(given);
    if (options.movedTo !== undefined && request.url?.startsWith('/old') === true) {
      const rest = request.url.slice(request.url.indexOf('/info/refs'));
      response.writeHead(301, { location: `${options.movedTo()}${rest}` }).end();
      return;
    }
    if (wanted !== undefined && given !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    runBackend(repository, options, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/${basename(repository.directory)}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function runBackend(
  repository: GitRepository,
  options: GitHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const execPath = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const protocol = options.oldProtocol ? {} : { GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') };
  const backend = spawn(join(execPath, 'git-http-backend'), [], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: dirname(repository.directory),
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...protocol,
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  let head = Buffer.alloc(0);
  let isHeadDone = false;
  backend.stdout.on('data', (chunk: Buffer) => {
    if (isHeadDone) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    isHeadDone = true;
    sendHead(head.toString('latin1', 0, end), response);
    response.write(head.subarray(end + 4));
  });
  backend.stdout.on('end', () => response.end());
}

/** CGI: header lines, of which `Status` is the answer's. */
function sendHead(head: string, response: ServerResponse): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [name = '', ...value] = line.split(': ');
    if (name === 'Status') status = Number.parseInt(value.join(': '), 10);
    else response.setHeader(name, value.join(': '));
  }
  response.writeHead(status);
}
