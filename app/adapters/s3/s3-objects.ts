import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { ObjectGrant, Objects } from '../../ports/objects.ts';
import { isAwsError } from '../aws/aws-error-kind.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html */
const longestGrantSeconds = 7 * 24 * 3600;

/**
 * {@link Objects} in a bucket.
 *
 * A granted URL expires with the credentials that signed it, which may be earlier than its own expiration: see
 * `renew-uploads.ts`. The size of an upload cannot be limited by a presigned PUT, so `maxBytes` is up to the runner.
 *
 * @param deps.kmsKeyId of the key that encrypts objects. If omitted, and for uploads by URL, the bucket's default.
 */
export function s3Objects(deps: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly kmsKeyId?: string;
}): Objects {
  const { client, bucket: Bucket, kmsKeyId } = deps;
  const encryption =
    kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId };

  return {
    put: async (Key, body, ContentType) => {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentType, ...encryption }));
    },

    get: async (Key) => {
      try {
        const found = await client.send(new GetObjectCommand({ Bucket, Key }));
        if (found.Body === undefined) throw new Error(`S3 answered for ${Key} without a body`);
        return {
          body: found.Body.transformToWebStream(),
          sizeBytes: found.ContentLength ?? 0,
          contentType: found.ContentType ?? 'application/octet-stream',
        };
      } catch (error) {
        if (isAwsError(error, 'NoSuchKey', 'NotFound')) return undefined;
        throw error;
      }
    },

    delete: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },

    grant: (grant) => presign(client, Bucket, grant),
  };
}

function presign(client: S3Client, Bucket: string, grant: ObjectGrant): Promise<string> {
  const expiresIn = Math.min(grant.ttlSeconds, longestGrantSeconds);
  if (grant.method === 'GET') {
    return getSignedUrl(client, new GetObjectCommand({ Bucket, Key: grant.key }), { expiresIn });
  }
  const { contentType } = grant;
  const command = new PutObjectCommand(
    omitUndefined({
      Bucket,
      Key: grant.key,
      ContentType: contentType,
    }),
  );
  // Signed, the type must be sent unchanged: a report cannot become a script.
  const signableHeaders = new Set(['host', ...(contentType === undefined ? [] : ['content-type'])]);
  return getSignedUrl(client, command, { expiresIn, signableHeaders });
}

/** Options of the client in addition to those of every client. */
export const s3ClientOptions = {
  // A checksum that the SDK computes in advance cannot be part of a URL for a body that does not exist yet.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;
