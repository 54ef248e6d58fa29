import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type TokenIssuer, tokenIssuer } from '../../helpers/token-issuer.ts';
import { type EmbeddedBerth, embeddedBerth } from './embedded-berth.ts';
import { jobIn, type Step } from './step.ts';

/** Seconds that the tokens still live when they are given out, in turn; the last one again and again. */
let lives: number[];
let requests: { audience: string; authorization: string }[];
let provider: Server;
let providerUrl: string;
let issuer: TokenIssuer;
let berth: EmbeddedBerth;
let directory: TemporaryDirectory;
let repository: GitRepository;

beforeAll(async () => {
  provider = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', providerUrl);
    response.setHeader('Content-Type', 'application/json');
    if (url.pathname === '/.well-known/jwks') return void response.end(JSON.stringify(issuer.keySet));
    const audience = url.searchParams.get('audience') ?? '';
    requests.push({ audience, authorization: request.headers.authorization ?? '' });
    const left = (lives.length > 1 ? lives.shift() : lives[0]) ?? 0;
    const issuedAt = Math.floor(Date.now() / 1000) - 300 + left;
    response.end(
      JSON.stringify({ value: await issuer.token({}, { audience, issuedAt, livesSeconds: 300 }) }),
    );
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  // A server that listens on a port has an address of this form.
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  issuer = await tokenIssuer(providerUrl, { audience: '', now: () => new Date() });
  directory = await temporaryDirectory();
  repository = await gitRepository(`${directory.path}/repository`, { 'a.txt': 'a' });
  berth = await embeddedBerth({ BERTH_OIDC_ISSUER: providerUrl });
});

afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await berth.remove();
  await directory.remove();
});

async function trust(repositoryName: string): Promise<void> {
  await berth.call('PATCH', '/projects/default', {
    settings: { oidcTrust: [{ repository: repositoryName }] },
  });
}

function step(command: string): Promise<Step> {
  requests = [];
  const job = jobIn(directory.path, {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${providerUrl}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the job',
  });
  return job.step({
    'api-url': berth.url,
    project: 'default',
    repository: repository.url,
    ref: 'main',
    command,
  });
}

describe('A step without a key', () => {
  it('proves itself by a token of GitHub', async () => {
    await trust('acme/site');
    lives = [300];
    const end = await (await step('echo hello')).ended();
    expect(end.exitCode).toBe(0);
    expect(requests).toEqual([{ audience: berth.url, authorization: 'Bearer of the job' }]);
  });

  it('fetches another when the token has expired, and one before the next expires', async () => {
    await trust('acme/site');
    // Refused; then one that ends soon, replaced before each request; then one that lasts.
    lives = [-100, 30, 30, 300];
    const end = await (await step('echo hello; sleep 3')).ended();
    expect(end.exitCode).toBe(0);
    expect(requests).toHaveLength(4);
  });

  it('fails with the reason when all it gets has expired', async () => {
    await trust('acme/site');
    lives = [-100];
    const end = await (await step('true')).ended();
    expect(end.exitCode).toBe(1);
    expect(end.log).toContain('::error::Berth answered 401: This OIDC token is refused: it has expired.');
  });

  it('fails with the remedy when the project does not trust its repository', async () => {
    await trust('acme/other');
    lives = [300];
    const end = await (await step('true')).ended();
    expect(end.exitCode).toBe(1);
    expect(end.log).toContain('::error::Berth answered 403: No project trusts workflows of acme/site');
  });

  it('fails with the remedy when the job has no permission to get one', async () => {
    const end = await (await jobIn(directory.path).step({ 'api-url': berth.url, command: 'true' })).ended();
    expect(end.exitCode).toBe(1);
    expect(end.log).toContain('permissions: id-token: write');
  });
});
