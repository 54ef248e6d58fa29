import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { folders } from '../../../../scripts/terraform/folders.ts';
import { readModule } from '../../../../scripts/terraform/hcl.ts';
import { withTables } from '../../../../scripts/terraform/tables.ts';

describe.each(folders)('%s/README.md', (folder) => {
  it('lists the inputs, outputs and resources of the module (npm run docs:terraform)', async () => {
    const readme = readFileSync(`${folder}/README.md`, 'utf8');
    expect(readme).toBe(withTables(readme, await readModule(folder)));
  });
});
