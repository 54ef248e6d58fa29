import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { clientDocument, digestOf } from '../../helpers/openapi-document.ts';

describe('The types of the API client', () => {
  it('are generated from the current OpenAPI document: run "npm run api-types" otherwise', async () => {
    const [, digest] =
      /SHA-256 of the document: (\w+)/.exec(readFileSync('app/client/api-types.ts', 'utf8')) ?? [];
    expect(digest).toBe(digestOf(await clientDocument()));
  });
});
