import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Hono } from 'hono';
import { type Ground, refusal, type StandInEnv } from './answers.ts';
import { findRepository } from './state.ts';

/** Serves git over HTTP through git's CGI program, for tokens with read access to the contents. */
export function gitHttp(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();
  app.all('/:owner/:repo{[^/]+\\.git}/:service{info/refs|git-upload-pack}', async (c) => {
    const repository = findRepository(
      ground.state,
      c.req.param('owner'),
      c.req.param('repo').replace(/\.git$/, ''),
    );
    if (repository === undefined) throw refusal(404, 'Not Found');
    const token = tokenOf(c.req.header('authorization'));
    const known = token === undefined ? undefined : ground.state.tokens.get(token);
    if (
      known === undefined ||
      known.permissions.contents === undefined ||
      !(known.repositoryIds ?? [repository.id]).includes(repository.id)
    ) {
      return c.text('Authentication required', 401, { 'www-authenticate': 'Basic realm="GitHub"' });
    }
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: repository.git.directory,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${c.req.param('service')}`,
        QUERY_STRING: new URL(c.req.url).searchParams.toString(),
        REQUEST_METHOD: c.req.method,
        CONTENT_TYPE: c.req.header('content-type') ?? '',
        HTTP_CONTENT_ENCODING: c.req.header('content-encoding') ?? '',
        GIT_PROTOCOL: c.req.header('git-protocol') ?? '',
        REMOTE_USER: 'x-access-token',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // git may have ended before it read everything: its answer says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(Buffer.from(await c.req.arrayBuffer()));
    return await cgiResponse(child.stdout);
  });
  return app;
}

/** The password of `x-access-token:<token>`. */
function tokenOf(authorization: string | undefined): string | undefined {
  const [scheme, value = ''] = authorization?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(value, 'base64').toString().split(':')[1];
}

async function cgiResponse(output: Readable): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(Buffer.from(chunk));
  const whole = Buffer.concat(chunks);
  const end = whole.indexOf('\r\n\r\n');
  const headers = new Headers();
  let status = 200;
  for (const line of whole.subarray(0, end).toString().split('\r\n')) {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    if (name.toLowerCase() === 'status') status = Number(value.slice(0, 3));
    else headers.set(name, value);
  }
  return new Response(new Uint8Array(whole.subarray(end + 4)), { status, headers });
}
