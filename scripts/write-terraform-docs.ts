import { readFile, writeFile } from 'node:fs/promises';
import { folders } from './terraform/folders.ts';
import { readModule } from './terraform/hcl.ts';
import { withTables } from './terraform/tables.ts';

/** Writes the inputs, outputs and resources of every Terraform module into its README. */
for (const folder of folders) {
  const path = `${folder}/README.md`;
  await writeFile(path, withTables(await readFile(path, 'utf8'), await readModule(folder)));
}
