import { writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { visitor } from '../../helpers/headless-chromium.ts';
import { type Harbour, openHarbour } from './harness/open-harbour.ts';

let harbour: Harbour;
let proxy: Server;
/** A proxy that answers while the server behind it restarts. */
let isAway = false;

beforeEach(() => {
  isAway = false;
});
beforeAll(async () => {
  harbour = await openHarbour();
  proxy = createServer((incoming, outgoing) => {
    if (isAway) return outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    const { method, url, headers } = incoming;
    const target = request(`${harbour.server.url}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    target.on('error', () => outgoing.destroy());
    outgoing.on('close', () => target.destroy());
    return incoming.pipe(target);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await harbour?.close();
});

function goAway(): void {
  isAway = true;
  proxy.closeAllConnections();
}

async function open(path: string, key = harbour.server.apiKey): Promise<Page> {
  const context = await visitor(harbour.browser);
  const page = await context.newPage();
  // An address is given to an open server.
  const { port } = proxy.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}${path}#key=${key}`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page;
}

describe('a page that is open while the server is away', () => {
  it('continues the log where it was, reports the problem, and recovers without a reload', async () => {
    const id = await harbour.run({
      suite: 'away',
      test_command: 'echo before; until test -f "$FLAG"; do sleep 0.2; done; echo after',
      env: { FLAG: `${harbour.repository.path}/back` },
    });
    const page = await open(`/runs/${id}`);
    const log = page.getByRole('log');
    await log.getByText('before', { exact: true }).waitFor();
    goAway();
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    // The page has seen an answer that is no stream of events.
    await page.waitForResponse((response) => response.url().includes('/logs') && response.status() === 502);
    isAway = false;
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await writeFile(`${harbour.repository.path}/back`, '');
    await log.getByText('after', { exact: true }).waitFor();
    expect(await log.getByText('before', { exact: true }).count()).toBe(1);
    await page.getByRole('heading', { level: 1 }).getByText('Succeeded').waitFor();
    await page.context().close();
  });

  it('learns about changes again once the server is back', async () => {
    const page = await open('/');
    const answerToEvents = (status: number) =>
      page.waitForResponse((response) => response.url().endsWith('/events') && response.status() === status);
    // A page that never had a connection takes the server for one without events, and does not try again.
    const connected = answerToEvents(200);
    await page.reload();
    await connected;
    await page.getByRole('heading', { name: 'Runs', level: 2 }).waitFor();
    goAway();
    await answerToEvents(502);
    isAway = false;
    await answerToEvents(200);
    await page.context().close();
  });
});

describe('a session that ends while its page is open', () => {
  it('asks to sign in where another tab has signed out', async () => {
    const page = await open('/');
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.getByLabel('API key').waitFor();
    await page.bringToFront();
    await page.getByLabel('API key').waitFor();
    await page.context().close();
  });

  it('asks to sign in when the key is revoked, even in the middle of a log', async () => {
    const id = await harbour.run({ suite: 'revoked', test_command: 'echo streams; sleep 600' });
    const { body: run } = await harbour.server.call('GET', `/workflow/${id}`);
    const keys = `/projects/${run.project_id}/keys`;
    const { body: key } = await harbour.server.call('POST', keys, { name: 'guest', scope: 'read' });
    const page = await open(`/runs/${id}`, String(key.key));
    await page.getByRole('log').getByText('streams', { exact: true }).waitFor();
    await harbour.server.call('DELETE', `${keys}/${key.id}`);
    await page.getByLabel('API key').waitFor();
    await page.context().close();
  });
});
