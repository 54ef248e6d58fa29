import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readStop, recordStop } from '../../../../app/adapters/local/stop-record.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const first = { at: new Date('2030-01-01T00:00:00Z'), reason: 'a newer commit' };

describe('the stop record of a task', () => {
  let directory: TemporaryDirectory;
  let task: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    task = join(directory.path, 'task');
  });
  afterEach(() => directory.remove());

  it('keeps the first reason', async () => {
    await mkdir(task);
    await recordStop(task, first);
    await recordStop(task, { at: new Date('2030-01-02T00:00:00Z'), reason: 'removed' });
    expect(await readStop(task)).toEqual(first);
  });

  it('does not recreate the directory of a removed task', async () => {
    await recordStop(task, first);
    await expect(access(task)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readStop(task)).toBeUndefined();
  });
});
