import { readFile, writeFile } from 'node:fs/promises';
import { awsEnvironmentSchema } from '../app/wiring/config/aws-config.ts';
import { environmentSchema } from '../app/wiring/config/variables.ts';
import { withVariables } from './variable-table.ts';

/** Writes the tables of variables into docs/configuration.md and docs/configuration-aws.md. */
const pages = [
  ['docs/configuration.md', environmentSchema],
  ['docs/configuration-aws.md', awsEnvironmentSchema],
] as const;

for (const [path, schema] of pages)
  await writeFile(path, withVariables(await readFile(path, 'utf8'), schema));
