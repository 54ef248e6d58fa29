import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { once } from '../../lib/once.ts';
import type { Ids } from '../../ports/clock.ts';
import { isAwsError } from '../aws/aws-error-kind.ts';

const Key = 'keys/berth';

/**
 * Returns a secret that the functions share and create themselves: an encrypted object of the bucket. Tasks cannot read it,
 * because they have no permissions.
 *
 * @returns the secret, read once.
 */
export function bucketSecret(deps: {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  readonly kmsKeyId?: string;
  readonly ids: Pick<Ids, 'secret'>;
}): () => Promise<string> {
  const { client, bucket: Bucket, kmsKeyId } = deps;
  const read = async (): Promise<string | undefined> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Body?.transformToString();
  };
  const readIfExists = async (): Promise<string | undefined> => {
    try {
      return await read();
    } catch (error) {
      // Without s3:ListBucket, S3 answers 403 for a missing object. Here it is safe to treat that as missing: the object is
      // created only if it does not exist, and then read again. Other readers must not do so, because a denied read would
      // look like deleted data. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
      if (isAwsError(error, 'NoSuchKey', 'NotFound', 'AccessDenied')) return undefined;
      throw error;
    }
  };
  const create = async (): Promise<void> => {
    const encryption =
      kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId };
    const Body = deps.ids.secret(32);
    try {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      await client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*', ...encryption }));
    } catch (error) {
      // Another function created the secret first.
      if (!isAwsError(error, 'PreconditionFailed', 'ConditionalRequestConflict')) throw error;
    }
  };
  return once(async () => {
    const found = await readIfExists();
    if (found !== undefined) return found;
    await create();
    const created = await read();
    if (created === undefined) throw new Error(`S3 answered for ${Key} of ${Bucket} without a body`);
    return created;
  });
}
