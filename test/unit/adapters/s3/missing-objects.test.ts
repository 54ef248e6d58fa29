import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { bucketSecret } from '../../../../app/adapters/s3/bucket-secret.ts';
import { s3Objects } from '../../../../app/adapters/s3/s3-objects.ts';

const failure = (name: string) => Object.assign(new Error(name), { name, $fault: 'client', $metadata: {} });

/** A bucket of a role without s3:ListBucket, which answers 403 for a missing object. */
function bucketWithoutListing(options: { readonly readable?: boolean } = {}) {
  const objects = new Map<string, string>();
  const client = new S3Client({ region: 'us-east-1' });
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof PutObjectCommand) {
      const { Key = '', Body, IfNoneMatch } = command.input;
      if (IfNoneMatch === '*' && objects.has(Key)) throw failure('PreconditionFailed');
      objects.set(Key, String(Body));
      return {};
    }
    if (!(command instanceof GetObjectCommand)) throw new Error('unexpected call');
    const found = objects.get(command.input.Key ?? '');
    if (found === undefined || options.readable === false) throw failure('AccessDenied');
    return { Body: { transformToString: async () => found } };
  };
  return { objects, client: Object.assign(client, { send }) };
}

const ids = { secret: () => 'a new secret' };

describe('a missing object that S3 reports as 403', () => {
  it('is created if creation is conditional', async () => {
    const { client, objects } = bucketWithoutListing();
    expect(await bucketSecret({ client, bucket: 'berth', ids })()).toBe('a new secret');
    expect([...objects.values()]).toEqual(['a new secret']);
  });

  it('does not replace an object that cannot be read', async () => {
    const { client, objects } = bucketWithoutListing({ readable: false });
    objects.set('keys/berth', 'the existing secret');
    await expect(bucketSecret({ client, bucket: 'berth', ids })()).rejects.toThrow('AccessDenied');
    expect([...objects.values()]).toEqual(['the existing secret']);
  });

  it('is an error everywhere else, because a denied read must not look like deleted data', async () => {
    const { client } = bucketWithoutListing();
    await expect(s3Objects({ client, bucket: 'berth' }).get('runs/1/result.json')).rejects.toThrow(
      'AccessDenied',
    );
  });
});
