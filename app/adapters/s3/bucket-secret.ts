import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Ids } from '../../ports/clock.ts';
import { isAwsError } from '../aws/aws-fault.ts';

const Key = 'keys/berth';

/**
 * A secret that functions share without anybody having to make one: an object of the bucket, encrypted as all are, and
 * out of the reach of tasks, which have no permissions. The first that needs it makes it.
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
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (isAwsError(error, 'NoSuchKey', 'NotFound')) return undefined;
      throw error;
    }
  };
  const make = async (): Promise<void> => {
    const encryption =
      kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId };
    const Body = deps.ids.secret(32);
    try {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      await client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*', ...encryption }));
    } catch (error) {
      // Another was first: what it made is read.
      if (!isAwsError(error, 'PreconditionFailed', 'ConditionalRequestConflict')) throw error;
    }
  };
  let known: Promise<string> | undefined;
  const find = async (): Promise<string> => {
    const found = await read();
    if (found !== undefined) return found;
    await make();
    const made = await read();
    if (made === undefined)
      throw new Error(`the object ${Key} vanished from ${Bucket} as soon as it was made`);
    return made;
  };
  return () => {
    known ??= find().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
