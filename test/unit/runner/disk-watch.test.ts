import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DiskWatch,
  type DiskWatchOptions,
  watchDisk,
} from '../../../runner-image/src/limits/disk-watch.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const mib = 1024 * 1024;

describe('the disk watch', () => {
  let directory: TemporaryDirectory;
  let watches: DiskWatch[];
  /** The space that the disk has lost since the watch started. */
  let lost: number;
  let looks: number;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    watches = [];
    lost = 0;
    looks = 0;
  });
  afterEach(async () => {
    for (const each of watches) each.stop();
    await directory.remove();
  });

  const watch = (parts: Partial<DiskWatchOptions> = {}): AbortSignal => begin(parts).exceeded;

  function begin(parts: Partial<DiskWatchOptions> = {}): DiskWatch {
    const made = watchDisk({
      limitMib: 4,
      directories: [directory.path],
      sinceMs: 0,
      logBytes: () => 0,
      everyMs: 1,
      freeBytes: async () => {
        looks += 1;
        return new Map([[1, 1000 * mib - lost]]);
      },
      ...parts,
    });
    watches.push(made);
    return made;
  }
  const write = (name: string, size: number) => writeFile(join(directory.path, name), Buffer.alloc(size, 1));
  const looked = (times: number) => {
    const until = looks + times;
    return eventually('more looks', async () => looks >= until);
  };
  const fires = (signal: AbortSignal) => eventually('the watch to fire', async () => signal.aborted);

  it('fires above the limit, in directories at any depth', async () => {
    const signal = watch();
    await looked(1);
    await mkdir(join(directory.path, 'a/b'), { recursive: true });
    await write('one', 3 * mib);
    await write('a/b/two', 3 * mib);
    lost = 6 * mib;
    await fires(signal);
  });

  it('counts the log', async () => {
    let logBytes = 0;
    const signal = watch({ logBytes: () => logBytes });
    await write('one', 3 * mib);
    lost = 3 * mib;
    await looked(5);
    expect(signal.aborted).toBe(false);
    logBytes = 2 * mib;
    await fires(signal);
  });

  it('ignores what others write', async () => {
    const signal = watch();
    await write('one', 3 * mib);
    lost = 900 * mib;
    await looked(5);
    expect(signal.aborted).toBe(false);
  });

  it('counts on request, for a quota that was faster', async () => {
    const made = begin();
    await write('one', 3 * mib);
    expect(await made.isExceeded()).toBe(false);
    await write('two', 3 * mib);
    expect(await made.isExceeded()).toBe(true);
  });

  it('counts no older files, whatever their times', async () => {
    await write('old', 6 * mib);
    const signal = watch({ sinceMs: Date.now() + 1000 });
    lost = 6 * mib;
    await utimes(join(directory.path, 'old'), new Date('2100-01-01'), new Date('2100-01-01'));
    await looked(5);
    expect(signal.aborted).toBe(false);
  });

  it('counts nothing twice, and follows no link', async () => {
    await mkdir(join(directory.path, 'a'));
    await symlink('..', join(directory.path, 'a/up'));
    await write('a/one', 3 * mib);
    const signal = watch({ directories: [directory.path, join(directory.path, 'a'), directory.path] });
    lost = 6 * mib;
    await looked(5);
    expect(signal.aborted).toBe(false);
  });
});
