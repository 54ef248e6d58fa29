import { afterEach, describe, expect, it } from '@jest/globals';
import { createApi } from '../../../action/create-api.ts';
import { errorText } from '../../../action/error-text.ts';
import { createTransport } from '../../../action/transport.ts';
import { apiKeyCredentials } from '../../../app/client/credentials.ts';
import { freePort } from '../../helpers/free-port.ts';
import { answer, scriptedServers } from '../../helpers/scripted-server.ts';
import { recordingHost } from './recording-host.ts';

const servers = scriptedServers();
afterEach(() => servers.close());

function clientOf(apiUrl: string) {
  const host = recordingHost();
  const credentials = apiKeyCredentials('a key');
  return { host, api: createApi({ apiUrl, credentials, fetch: createTransport(apiUrl), host }) };
}

/** Returns the text of an error in the log of the workflow. */
async function said(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'no error', errorText);
}

describe("The action's transport", () => {
  it('sends a body and reads an answer', async () => {
    const bodies: string[] = [];
    const { url, requests } = await servers.start(async (request, response) => {
      for await (const chunk of request) bodies.push(String(chunk));
      response.end('{"message":"done"}');
    });
    await clientOf(url).api.releaseStack({ stackName: 'test-1' });
    expect(bodies).toEqual(['{"stackName":"test-1"}']);
    expect(requests[0]?.headers).toMatchObject({ 'x-api-key': 'a key', 'content-type': 'application/json' });
  });

  it('names the new address of a server, and sends no key there', async () => {
    const other = await servers.start(answer(200, {}));
    const { url } = await servers.start(answer(301, '', { Location: other.url }));
    expect(await said(clientOf(url).api.run('one'))).toBe(
      `${url} redirects to ${other.url}. Use that address as api-url.`,
    );
    expect(other.requests).toHaveLength(0);
  });

  it('reports an answer of another server', async () => {
    const { url } = await servers.start(answer(200, '<html>Welcome to nginx!</html>'));
    expect(await said(clientOf(url).api.run('one'))).toBe(
      `${url} answered with status 200, but not as Berth does. Check api-url.`,
    );
  });

  it('reports a refusal with what to do', async () => {
    const refusal = { message: 'This API key is unknown or was revoked.', hint: 'Create one.' };
    const { url } = await servers.start(answer(401, refusal));
    expect(await said(clientOf(url).api.run('one'))).toBe(
      'Berth answered 401: This API key is unknown or was revoked. Create one.',
    );
  });

  it('leaves out what only a program can do', async () => {
    const refusal = { message: 'Workflow not found.', hint: 'GET /workflow lists the workflows.' };
    const { url } = await servers.start(answer(404, refusal));
    expect(await said(clientOf(url).api.run('one'))).toBe('Berth answered 404: Workflow not found.');
  });

  it('tries for two minutes before the first answer', async () => {
    const { api, host } = clientOf(`http://127.0.0.1:${await freePort()}`);
    expect(await said(api.run('one'))).toMatch(/^Berth did not answer for 1[01]\d s: connection refused\.$/);
    expect(host.log()).toContain('Berth does not answer (connection refused). Retrying for 120 s.');
  });
});
