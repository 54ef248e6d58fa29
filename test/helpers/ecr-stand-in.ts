import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const targetPrefix = 'AmazonEC2ContainerRegistry_V20150921.';

export interface EcrStandIn {
  /** The value of `AWS_ENDPOINT_URL_ECR`. */
  readonly url: string;
  createRepository(name: string, mutability: 'MUTABLE' | 'IMMUTABLE'): Promise<void>;
  /** The images of a repository: tag to digest. */
  tags(repository: string): Promise<Record<string, string>>;
  /** Manifests that were pushed to the registry, as `name:tag`. */
  readonly pushed: string[];
  close(): Promise<void>;
}

/**
 * ECR: its API from moto, a real registry behind it, and what joins them: a login by the API's password, a pushed tag
 * that the API knows, and a tag that stays as it is where the repository says so.
 */
export async function ecrStandIn(motoUrl: string, directory: string): Promise<EcrStandIn> {
  const registry = await startRegistry(directory);
  const pushed: string[] = [];
  const server = createServer((request, response) => {
    const answer = request.url?.startsWith('/v2/') ? answerRegistry : answerApi;
    answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;

  async function call(action: string, body: object): Promise<{ status: number; body: string }> {
    const response = await fetch(motoUrl, {
      method: 'POST',
      headers: {
        'x-amz-target': targetPrefix + action,
        'content-type': 'application/x-amz-json-1.1',
        authorization: 'AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/ecr/aws4_request',
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.text() };
  }

  async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = String(request.headers['x-amz-target']).slice(targetPrefix.length);
    const { status, body } = await call(action, JSON.parse((await buffer(request)).toString()));
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(body.replaceAll(/\d+\.dkr\.ecr\.[^/"]+\//g, `${host}/`));
  }

  async function answerRegistry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="ECR"' }).end();
      return;
    }
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/([^:]+)$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'PUT' || name === undefined || tag === undefined) {
      forward(request, response, registry.port, request);
      return;
    }
    const manifest = await buffer(request);
    const put = await call('PutImage', {
      repositoryName: name,
      imageTag: tag,
      imageManifest: manifest.toString(),
      imageManifestMediaType: request.headers['content-type'],
      imageDigest: `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
    });
    if (put.status !== 200) {
      const { message } = JSON.parse(put.body);
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errors: [{ code: 'TAG_INVALID', message }] }));
      return;
    }
    pushed.push(`${name}:${tag}`);
    forward(request, response, registry.port, manifest);
  }

  return {
    url: `http://${host}`,
    pushed,
    async createRepository(name, mutability) {
      const { status, body } = await call('CreateRepository', {
        repositoryName: name,
        imageTagMutability: mutability,
      });
      if (status !== 200) throw new Error(body);
    },
    async tags(repository) {
      const { body } = await call('DescribeImages', { repositoryName: repository });
      const { imageDetails } = JSON.parse(body);
      return Object.fromEntries(
        imageDetails.flatMap(
          ({ imageTags = [], imageDigest }: { imageTags?: string[]; imageDigest: string }) =>
            imageTags.map((tag) => [tag, imageDigest]),
        ),
      );
    },
    async close() {
      server.close();
      server.closeAllConnections();
      registry.child.kill();
      await once(registry.child, 'exit');
    },
  };
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  body: IncomingMessage | Buffer,
): void {
  const { authorization: _, ...headers } = request.headers;
  const onward = httpRequest({ host: '127.0.0.1', port, method: request.method, path: request.url, headers });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', (error) => response.destroy(error));
  if (Buffer.isBuffer(body)) onward.end(body);
  else body.pipe(onward);
}

async function startRegistry(directory: string): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort();
  const config = join(directory, 'registry.yml');
  const storage = JSON.stringify({ filesystem: { rootdirectory: join(directory, 'registry') } });
  await writeFile(config, `version: 0.1\nstorage: ${storage}\nhttp: {addr: "127.0.0.1:${port}"}\n`);
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  await eventually('the registry to listen', async () => {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    return fetch(`http://127.0.0.1:${port}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return { child, port };
}
