import { type FileObjects, fileObjects } from '../adapters/files/file-objects.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects } from '../ports/objects.ts';
import { lazyBucketSecret, lazyObjects } from './aws/aws-lazy.ts';
import type { Config } from './config/config.ts';

export interface OpenObjects {
  readonly objects: Objects;
  /** Takes uploads, if this server stores objects as files. */
  readonly files?: FileObjects;
  /** Signs URLs, sessions and IDs: every server with these objects has the same key. */
  readonly signingKey: Buffer;
}

/**
 * Opens the objects of a server: an S3 bucket, or files in the data directory.
 *
 * @param own.signingKey the key in the data directory.
 * @param own.baseUrl where tasks find files.
 * @throws BerthError `config_invalid` if the bucket cannot be used.
 */
export async function openObjects(
  { dataDir, cacheDir, aws }: Pick<Config, 'dataDir' | 'cacheDir' | 'aws'>,
  own: { readonly signingKey: Buffer; readonly baseUrl: string; readonly clock: Clock },
): Promise<OpenObjects> {
  if (aws?.bucket === undefined) {
    const files = fileObjects({ ...own, dataDir, ...omitUndefined({ cacheDir }) });
    return { objects: files, files, signingKey: own.signingKey };
  }
  const options = { region: aws.region, random: () => systemIds.random() };
  const bucket = { ...aws, bucket: aws.bucket };
  try {
    // In the bucket and not in the data directory: the next server may have another one.
    const signingKey = Buffer.from(await lazyBucketSecret(bucket, options, systemIds)());
    return { objects: lazyObjects(bucket, options), signingKey };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BerthError(
      'config_invalid',
      `Berth cannot use the bucket ${bucket.bucket} in ${aws.region} (BERTH_BUCKET, AWS_REGION): ${reason}`,
      { cause, hint: 'Create the bucket, and allow this server to read, write and list its objects.' },
    );
  }
}
