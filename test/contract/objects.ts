import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Objects } from '../../app/ports/objects.ts';

export interface ObjectsUnderTest {
  readonly objects: Objects;
  /** Lets this time pass for grants that were given out before. */
  passSeconds(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** The contract of every object store. */
export function describeObjects(
  name: string,
  setup: () => Promise<ObjectsUnderTest>,
  traits: {
    /** Whether a PUT of more than `maxBytes` is refused. S3 cannot limit a presigned PUT. */
    readonly refusesTooLarge: boolean;
  },
): void {
  describe(`${name} as a store of objects`, () => {
    let subject: ObjectsUnderTest;
    let objects: Objects;
    beforeAll(async () => {
      subject = await setup();
      objects = subject.objects;
    });
    afterAll(() => subject.close());

    const textOf = async (key: string) => {
      const found = await objects.get(key);
      return found && (await new Response(found.body).text());
    };

    it('returns an object with its size and type', async () => {
      await objects.put('a/text.txt', 'Grüße\n', 'text/plain; charset=utf-8');
      const found = await objects.get('a/text.txt');
      expect(found).toMatchObject({ sizeBytes: 8, contentType: 'text/plain; charset=utf-8' });
      expect(await textOf('a/text.txt')).toBe('Grüße\n');
    });

    it('keeps a type that does not follow from the name', async () => {
      await objects.put('a/odd.json', '<p>', 'text/html');
      expect((await objects.get('a/odd.json'))?.contentType).toBe('text/html');
      await objects.put('a/odd.json', '{}', 'application/json');
      expect((await objects.get('a/odd.json'))?.contentType).toBe('application/json');
    });

    it('returns bytes unchanged, however many', async () => {
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) % 256);
      await objects.put('a/bytes', bytes, 'application/octet-stream');
      const found = await objects.get('a/bytes');
      const read = new Uint8Array(await new Response(found?.body ?? null).arrayBuffer());
      expect(Buffer.compare(read, bytes)).toBe(0);
    });

    it('replaces a whole object', async () => {
      await objects.put('a/replaced.txt', 'a long first version', 'text/plain');
      await objects.put('a/replaced.txt', 'short', 'text/plain');
      expect(await textOf('a/replaced.txt')).toBe('short');
    });

    it('returns nothing for an unknown key', async () => {
      expect(await objects.get('never/put.txt')).toBeUndefined();
    });

    it('deletes an object, and deletes it again without an error', async () => {
      await objects.put('a/deleted.txt', 'x', 'text/plain');
      await objects.delete('a/deleted.txt');
      await objects.delete('a/deleted.txt');
      expect(await objects.get('a/deleted.txt')).toBeUndefined();
    });

    it('lets anyone with the URL read one object', async () => {
      await objects.put('a/granted file ü.txt', 'for you', 'text/plain');
      const url = await objects.grant({ key: 'a/granted file ü.txt', method: 'GET', ttlSeconds: 60 });
      const response = await fetch(url);
      expect([response.status, await response.text()]).toEqual([200, 'for you']);
    });

    it('lets anyone with the URL write one object', async () => {
      const contentType = 'text/html; charset=utf-8';
      const url = await objects.grant({
        key: 'a/uploaded.html',
        method: 'PUT',
        ttlSeconds: 60,
        maxBytes: 100,
        contentType,
      });
      const response = await fetch(url, {
        method: 'PUT',
        body: '<p>up',
        headers: { 'content-type': contentType },
      });
      expect(response.ok).toBe(true);
      expect(await textOf('a/uploaded.html')).toBe('<p>up');
      expect((await objects.get('a/uploaded.html'))?.contentType).toBe(contentType);
    });

    it('rejects a write with a URL for reading', async () => {
      const url = await objects.grant({ key: 'a/readonly.txt', method: 'GET', ttlSeconds: 60 });
      expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
      expect(await objects.get('a/readonly.txt')).toBeUndefined();
    });

    it('rejects a URL that was changed to another object', async () => {
      await objects.put('a/other.txt', 'not for you', 'text/plain');
      const url = await objects.grant({ key: 'a/mine.txt', method: 'GET', ttlSeconds: 60 });
      expect((await fetch(url.replace('mine.txt', 'other.txt'))).status).toBe(403);
    });

    it('rejects an expired URL', async () => {
      await objects.put('a/late.txt', 'x', 'text/plain');
      const url = await objects.grant({ key: 'a/late.txt', method: 'GET', ttlSeconds: 2 });
      await subject.passSeconds(3);
      expect((await fetch(url)).status).toBe(403);
    });

    if (traits.refusesTooLarge) {
      it('rejects more bytes than the grant, and keeps the old object', async () => {
        await objects.put('a/small.txt', 'before', 'text/plain');
        const url = await objects.grant({ key: 'a/small.txt', method: 'PUT', ttlSeconds: 60, maxBytes: 10 });
        const response = await fetch(url, { method: 'PUT', body: 'eleven byte' });
        expect(response.status).toBe(413);
        expect(await textOf('a/small.txt')).toBe('before');
      });
    }
  });
}
