import { createHash } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import type { Ids } from '../../ports/clock.ts';
import { isSealed, openText, sealText } from './sealed-text.ts';
import { createAtomically, writeAtomically } from './write-atomically.ts';

const fileName = 'objects.key';

/** The secrets of a data directory. */
export interface DataSecret {
  /** Signs the URLs of objects. */
  readonly signingKey: Buffer;
  /** A public name of the data directory, which distinguishes its containers from those of others on the same engine. */
  readonly instance: string;
}

/**
 * Reads the secret of a data directory, `objects.key`, and creates it at the first start.
 *
 * @param dataKey `BERTH_DATA_KEY`: encrypts the file, even if it was written without encryption.
 * @throws BerthError `config_invalid` if the file does not contain a secret.
 */
export async function loadDataSecret(
  dataDir: string,
  ids: Pick<Ids, 'secret'>,
  dataKey?: string,
): Promise<DataSecret> {
  const path = join(dataDir, fileName);
  await createAtomically(path, sealText(`${ids.secret(32)}\n`, dataKey, fileName));
  const kept = await readFile(path, 'utf8');
  const text = openText(kept, dataKey, fileName).trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new BerthError('config_invalid', `${path} does not contain 64 hexadecimal digits`, {
      hint: 'Delete the file: Berth creates a new one at the next start, and URLs that it issued before stop working.',
    });
  }
  if (dataKey !== undefined && !isSealed(kept)) {
    await writeAtomically(path, sealText(`${text}\n`, dataKey, fileName));
  }
  await chmod(path, 0o600);
  const signingKey = Buffer.from(text, 'hex');
  const instance = createHash('sha256')
    .update('berth-instance')
    .update(signingKey)
    .digest('hex')
    .slice(0, 16);
  return { signingKey, instance };
}
