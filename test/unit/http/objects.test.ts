import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import type { GrantedAccess, ObjectServer } from '../../../app/http/http-deps.ts';
import { clientOf, httpWorld } from './http-world.ts';

/** URLs are `/objects/<key>?grant=<method>`, with `max` for how much may be written. */
function objectWorld() {
  const kept = new Map<string, { content: string; contentType: string }>();
  const written: string[] = [];
  const objectServer: ObjectServer = {
    verify({ method, path, query }): GrantedAccess {
      if (query.get('grant') !== method) throw new BerthError('signature_invalid', 'Not granted.');
      const max = query.get('max');
      return {
        key: decodeURIComponent(path.slice('/objects/'.length)),
        method: method === 'PUT' ? 'PUT' : 'GET',
        ...(max === null ? {} : { maxBytes: Number(max) }),
        ...(query.has('type') ? { contentType: query.get('type') ?? '' } : {}),
      };
    },
    async putStream(key, body, contentType, maxBytes = Number.POSITIVE_INFINITY) {
      const content = await new Response(body).text();
      if (content.length > maxBytes) throw new BerthError('body_too_large', 'Too large.');
      kept.set(key, { content, contentType });
    },
    onWritten: (key) => void written.push(key),
  };
  const w = httpWorld({ objectServer });
  w.deps.objects.get = async (key) => {
    const object = kept.get(key);
    if (object === undefined) return undefined;
    const blob = new Blob([object.content]);
    return { body: blob.stream(), sizeBytes: blob.size, contentType: object.contentType };
  };
  return { client: clientOf(w.app), kept, written };
}

describe('/objects', () => {
  it('stores what a signed URL allows, without a key, and reports the write', async () => {
    const { client, kept, written } = objectWorld();
    const response = await client.raw('/objects/runs/r/result.json?grant=PUT&type=application/json', {
      method: 'PUT',
      body: '{}',
      headers: { 'Content-Type': 'text/html' },
    });
    expect(response.status).toBe(200);
    expect([...kept]).toEqual([['runs/r/result.json', { content: '{}', contentType: 'application/json' }]]);
    expect(written).toEqual(['runs/r/result.json']);
  });

  it('accepts more than a JSON body, and an empty body', async () => {
    const { client, kept } = objectWorld();
    const large = 'x'.repeat(3 * 1024 * 1024);
    expect((await client.raw('/objects/large?grant=PUT', { method: 'PUT', body: large })).status).toBe(200);
    expect((await client.raw('/objects/empty?grant=PUT', { method: 'PUT' })).status).toBe(200);
    expect(kept.get('large')?.content.length).toBe(large.length);
    expect(kept.get('empty')?.content).toBe('');
  });

  it.each([
    ['names', { 'Content-Length': '11' }],
    ['does not name', {}],
  ])('rejects more than the grant if the request %s its length', async (_, headers) => {
    const { client, kept, written } = objectWorld();
    const init = { method: 'PUT', body: 'hello world', headers };
    const response = await client.raw('/objects/x?grant=PUT&max=10', init);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'body_too_large' });
    expect({ kept: kept.size, written }).toEqual({ kept: 0, written: [] });
  });

  it('returns the stored object, in a sandbox', async () => {
    const { client } = objectWorld();
    await client.raw('/objects/a/report.html?grant=PUT&type=text/html', { method: 'PUT', body: '<p>hi</p>' });
    const response = await client.raw('/objects/a/report.html?grant=GET');
    expect(await response.text()).toBe('<p>hi</p>');
    expect(response.headers.get('Content-Type')).toBe('text/html');
    expect(response.headers.get('Content-Security-Policy')).toMatch(/^sandbox /);
  });

  it.each([
    ['GET', '/objects/x?grant=GET', 404, 'object_not_found'],
    ['GET', '/objects/x', 403, 'signature_invalid'],
    ['GET', '/objects/x?grant=PUT', 403, 'signature_invalid'],
    ['PUT', '/objects/x?grant=GET', 403, 'signature_invalid'],
  ])('%s %s returns %d', async (method, path, status, code) => {
    const { client } = objectWorld();
    expect(await client.send(method, path)).toMatchObject({ status, body: { code } });
  });

  it('does not exist if S3 serves objects', async () => {
    const { app } = httpWorld();
    expect((await clientOf(app).get('/objects/x?grant=GET')).status).toBe(404);
  });
});
