import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeDirectory } from '../../../app/adapters/files/make-directory.ts';
import { keepReport, reportDirectory } from '../../../app/cli/keep-report.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

describe('reports of runs on this machine', () => {
  it('are kept, the newest 20 of them', async () => {
    const directory = join(home.path, 'reports');
    for (let day = 1; day <= 25; day += 1) {
      const file = await keepReport({ makeDirectory }, directory, `run${day}`, new Uint8Array());
      await utimes(file, day, day);
    }
    const kept = Array.from({ length: 20 }, (_, index) => `run${index + 6}.html`);
    expect((await readdir(directory)).sort()).toEqual(kept.sort());
  });

  it('fail to be kept, instead of hanging, where no directory can be created', async () => {
    await expect(
      keepReport({ makeDirectory }, '/proc/berth/reports', 'run1', new Uint8Array()),
    ).rejects.toThrow();
  });

  it('are in the cache folder', () => {
    expect(reportDirectory({ HOME: '/home/me' })).toBe('/home/me/.cache/berth/reports');
    expect(reportDirectory({ HOME: '/home/me', XDG_CACHE_HOME: '/cache' })).toBe('/cache/berth/reports');
    expect(reportDirectory({ HOME: '/home/me', XDG_CACHE_HOME: 'relative' })).toBe(
      '/home/me/.cache/berth/reports',
    );
  });
});
