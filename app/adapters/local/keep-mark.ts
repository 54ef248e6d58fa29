import { join } from 'node:path';
import { readIfExists } from '../files/read-if-exists.ts';

/** A file by which a person says that a task is not to be stopped as an orphan: what the tag `berth:keep` is on AWS. */
export async function isKept(directory: string): Promise<boolean> {
  return (await readIfExists(join(directory, 'keep'))) !== undefined;
}
