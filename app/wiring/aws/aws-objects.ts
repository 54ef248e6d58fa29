import { S3Client } from '@aws-sdk/client-s3';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { bucketSecret } from '../../adapters/s3/bucket-secret.ts';
import { s3ClientOptions, s3Objects } from '../../adapters/s3/s3-objects.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Ids } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { AwsConfig } from '../config/aws-config.ts';

type Bucket = Pick<AwsConfig, 'bucket' | 'kmsKeyId'>;

/** The bucket of jobs, results and reports. */
export function awsObjects(config: Bucket, options: AwsOptions): Objects {
  return s3Objects(bucketOf(config, options));
}

/** A secret that is stored in that bucket. */
export function awsBucketSecret(
  config: Bucket,
  options: AwsOptions,
  ids: Pick<Ids, 'secret'>,
): () => Promise<string> {
  return bucketSecret({ ...bucketOf(config, options), ids });
}

function bucketOf({ bucket, kmsKeyId }: Bucket, options: AwsOptions) {
  return omitUndefined({
    client: new S3Client({ ...awsClientOptions(options), ...s3ClientOptions }),
    bucket,
    kmsKeyId,
  });
}
