import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { httpWorld } from './http-world.ts';

describe('a server that can keep nothing', () => {
  const lost = new BerthError('data_dir_missing', 'The data directory was deleted.');
  const disk = { loss: async () => lost, problem: async () => lost, check: async () => undefined };

  it.each([
    ['POST', '/workflow/execute'],
    ['POST', '/requestStack'],
    ['POST', '/projects'],
    ['DELETE', '/workflow/1'],
  ])('refuses %s %s', async (method, path) => {
    const { shop } = httpWorld({ disk });
    const { client } = await shop();
    expect(await client.send(method, path, {})).toMatchObject({
      status: 503,
      body: { code: 'data_dir_missing' },
    });
  });

  it('continues to read, and is not ready', async () => {
    const { shop } = httpWorld({ disk });
    const { client } = await shop();
    expect(await client.get('/listStacks')).toMatchObject({ status: 200 });
    expect(await client.get('/readyz')).toMatchObject({ status: 503, body: { code: 'data_dir_missing' } });
  });
});
