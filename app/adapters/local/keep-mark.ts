import { join } from 'node:path';
import { readIfExists } from '../files/read-if-exists.ts';

/** A file with which a person keeps a task from being stopped as an orphan, like the tag `berth:keep` on AWS. */
export async function isKept(directory: string): Promise<boolean> {
  return (await readIfExists(join(directory, 'keep'))) !== undefined;
}
