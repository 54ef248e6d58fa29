import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { s3ClientOptions, s3Objects } from '../../app/adapters/s3/s3-objects.ts';
import { describeObjects } from '../contracts/objects.ts';
import { startFaultProxy } from '../helpers/fault-proxy.ts';
import { clientOptions, motoUrl } from './moto.ts';

// moto is asked by path; AWS's own endpoints have the bucket in the host.
const clientOf = (endpoint: string) =>
  new S3Client({ ...clientOptions(endpoint), ...s3ClientOptions, forcePathStyle: true });
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

  it('can be uploaded with the type that was granted alone', async () => {
    const grant = { key: 'a', method: 'PUT', ttlSeconds: 60, contentType: 'application/json' } as const;
    const url = new URL(await s3Objects({ client, bucket: 'berth' }).grant(grant));
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
    expect([...url.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  });
});
