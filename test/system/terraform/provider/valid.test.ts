import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { folders } from '../../../../scripts/terraform/folders.ts';
import { init, terraform } from './terraform.ts';

describe.each(folders)('%s', (folder) => {
  beforeAll(() => init(folder));

  it('is valid, without a warning', async () => {
    const answer = JSON.parse(await terraform(folder, ['validate', '-json']));
    expect(answer).toMatchObject({ valid: true, diagnostics: [] });
  });

  if (existsSync(`${folder}/tests`)) {
    it('passes its tests', async () => {
      expect(await terraform(folder, ['test', '-no-color'])).toMatch(/Success! [1-9]\d* passed, 0 failed/);
    });
  }
});
