import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { httpApiEvent } from '../../unit/lambda/gateway-events.ts';

const run = promisify(execFile);
const node = (args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  run(process.execPath, [...args], { env, maxBuffer: 64 * 1024 * 1024 });

/** Invokes the handler of a module once for each event, in a process that has nothing but what Lambda gives it. */
const harness = `
const [file, events] = process.argv.slice(2);
const { handler } = await import(file);
const answers = [];
for (const event of JSON.parse(events)) answers.push(await handler(event, {}));
process.stdout.write('\\n' + JSON.stringify(answers), () => process.exit(0));
`;

/** The text of modules, with everything that is loaded with them. */
function codeOf(directory: string, entries: readonly string[]): string {
  const texts = new Map<string, string>();
  const visit = (name: string) => {
    if (texts.has(name)) return;
    const text = readFileSync(join(directory, name), 'utf8');
    texts.set(name, text);
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) visit(imported);
  };
  for (const entry of entries) visit(entry);
  return [...texts.values()].join('\n');
}

describe('the bundle that npm run build:lambda makes', () => {
  let directory: string;
  let secrets: Server;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'berth-lambda-'));
    await node(['scripts/build-lambda.mjs', join(directory, 'functions')]);
    writeFileSync(join(directory, 'harness.mjs'), harness);
    secrets = createServer((_request, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ ARN: 'arn', Name: 'sessions', SecretString: 's'.repeat(32) }));
    });
    await new Promise<void>((resolve) => secrets.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => secrets.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  });

  async function invoke(name: string, events: readonly unknown[]) {
    // The server listens, so its address is neither null nor the path of a socket.
    const endpoint = `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`;
    const file = pathToFileURL(join(directory, 'functions', `${name}.mjs`)).href;
    const { stdout } = await node([join(directory, 'harness.mjs'), file, JSON.stringify(events)], {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: endpoint,
      BERTH_PUBLIC_URL: 'https://berth.example',
      BERTH_TABLE: 'berth',
      BERTH_BUCKET: 'berth',
      BERTH_QUEUE_URL: `${endpoint}/1/berth`,
      BERTH_SESSION_SECRET: 'secretsmanager:sessions',
      BERTH_LOG_LEVEL: 'silent',
      ECS_CLUSTER_NAME: 'berth',
      ECS_TASK_DEFINITION_ARN: 'berth-runner',
      CONTAINER_NAME: 'runner',
      BERTH_UNTRUSTED_TASK_ROLE_ARN: 'arn:aws:iam::123456789012:role/berth-nobody',
    });
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
  }

  it('starts a webhook without the code that it does not need', () => {
    const functions = join(directory, 'functions');
    const github = readdirSync(functions).find((name) => name.startsWith('github-integration')) ?? '';
    const code = codeOf(functions, ['http.mjs', github]);
    // The YAML parser, tokens of people and workflows, waits of Octokit, and messages in other languages.
    const unneeded = ['YAMLParseError', 'ERR_JWE_INVALID', 'retryLimiter', 'Ungültig'];
    const found = ['verifyAndReceive', ...unneeded].filter((word) => code.includes(word));
    expect(found).toEqual(['verifyAndReceive']);
  });

  it('serves the dashboard and the API', async () => {
    const [page, health] = await invoke('http', [
      httpApiEvent({ path: '/' }),
      httpApiEvent({ path: '/healthz' }),
    ]);
    expect(page).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(JSON.parse(health.body)).toMatchObject({ status: 'ok' });
    const [, script] = /src="(\/assets\/berth-[^"]+\.js)"/.exec(page.body) ?? [];
    const [asset] = await invoke('http', [httpApiEvent({ path: script ?? 'none' })]);
    expect(asset).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': expect.stringContaining('javascript') },
    });
  });

  it('accepts queue messages and direct invocations', async () => {
    const Records = [{ messageId: 'one', body: JSON.stringify({ kind: 'unheard of' }) }];
    const [answer] = await invoke('queue', [{ Records }]);
    expect(answer).toEqual({ batchItemFailures: expect.any(Array) });
    expect(await invoke('invoke', [{ body: {} }])).toEqual([
      { statusCode: 400, body: JSON.stringify({ error: "Missing 'runId' in body" }) },
    ]);
  });
});
