import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

const play = (PATH: string | undefined) =>
  promisify(execFile)(process.execPath, ['.cache/demo.mjs'], {
    env: { PATH, HOME: home.path, TMPDIR: home.path, BERTH_PROJECT: 'set-for-another-server' },
  });

describe('the demo', () => {
  it('runs independent of the environment, and leaves the reports that it names', async () => {
    const { stdout, stderr } = await play(process.env.PATH);
    expect(stderr).toBe('');
    for (const expected of [
      /main +▶ holds test-\d/,
      /◌ waits for a stack, position 1/,
      /feature\/overbooking +│ ✖ two ships never share a berth/,
      /\nfeature\/overbooking +test-\d +✖ failed +2 of 5 failed/,
      /\nfeature\/draught +test-\d +✔ succeeded +6 passed/,
      /✔ all stacks are available again/,
      /BERTH_DATA_DIR=\S+ npm start/,
    ]) {
      expect(stdout).toMatch(expected);
    }
    const [directory = ''] = await readdir(home.path);
    const report = join(home.path, directory, 'reports', 'feature-overbooking.html');
    expect(stdout).toContain(report);
    expect(await readFile(report, 'utf8')).toContain('two ships never share a berth');
  });

  it('reports a missing git', async () => {
    await expect(play('/nowhere')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The demo needs git'),
    });
  });
});
