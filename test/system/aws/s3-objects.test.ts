import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { bucketSecret } from '../../../app/adapters/s3/bucket-secret.ts';
import { s3ClientOptions, s3Objects } from '../../../app/adapters/s3/s3-objects.ts';
import { systemIds } from '../../../app/adapters/system/system-ids.ts';
import { describeObjects } from '../../contract/objects.ts';
import { startFaultProxy } from '../../helpers/fault-proxy.ts';
import { clientOptions, motoUrl } from './moto.ts';

// moto is addressed by path; AWS's own endpoints have the bucket in the host.
const clientOf = (endpoint: string) =>
  new S3Client({
    ...clientOptions(endpoint, { timeoutMs: 60_000 }),
    ...s3ClientOptions,
    forcePathStyle: true,
  });
const client = clientOf(motoUrl);

async function makeBucket(): Promise<string> {
  const bucket = `berth-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

// Through the proxy, which checks signatures; moto does not.
describeObjects(
  'S3',
  async () => {
    const proxy = await startFaultProxy({ target: motoUrl });
    return {
      objects: s3Objects({ client: clientOf(proxy.url), bucket: await makeBucket() }),
      passSeconds: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
      close: () => proxy.close(),
    };
  },
  { refusesTooLarge: false },
);

describe('an object in S3', () => {
  it('is encrypted with the key of the settings', async () => {
    const bucket = await makeBucket();
    await s3Objects({ client, bucket, kmsKeyId: 'alias/berth' }).put('a.txt', 'secret', 'text/plain');
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a.txt' }));
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/berth' });
  });

  it('can be uploaded only with the type that was granted', async () => {
    const grant = { key: 'a', method: 'PUT', ttlSeconds: 60, contentType: 'application/json' } as const;
    const url = new URL(await s3Objects({ client, bucket: 'berth' }).grant(grant));
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
    expect([...url.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });
});

describe('the secret that functions share in a bucket', () => {
  it('is one, however many need it first at the same time, and stays', async () => {
    const bucket = await makeBucket();
    const secretOf = () => bucketSecret({ client, bucket, ids: systemIds });
    const secrets = await Promise.all(Array.from({ length: 6 }, () => secretOf()()));
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(await secretOf()()).toBe(secrets[0]);
  });

  it('is read again if it was not available', async () => {
    const proxy = await startFaultProxy({ target: motoUrl });
    const bucket = await makeBucket();
    const secret = bucketSecret({ client: clientOf(proxy.url), bucket, ids: systemIds });
    proxy.plan(`GET /${bucket}/keys/berth`, ...Array.from({ length: 5 }, () => 'server error' as const));
    await expect(secret()).rejects.toThrow();
    expect(await secret()).toMatch(/^[0-9a-f]{64}$/);
    await proxy.close();
  });
});
