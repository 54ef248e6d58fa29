import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The kernel's clock for files moves on in steps; no machine's steps are longer than that. */
const maxSteps = 200;

/**
 * Waits, some milliseconds at most, until the file system's clock has moved on, so that what is written from now on is
 * newer than everything that the checkout has written.
 *
 * @param directory on the same file system as the checkout.
 * @returns the file system's time, in milliseconds since 1970.
 */
export async function markRunStart(directory: string): Promise<number> {
  const mark = join(directory, 'started');
  const first = await touch(mark);
  let latest = first;
  for (let step = 0; latest === first && step < maxSteps; step += 1) latest = await touch(mark);
  return latest;
}

async function touch(path: string): Promise<number> {
  await writeFile(path, '');
  return (await stat(path)).mtimeMs;
}
