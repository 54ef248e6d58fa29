import { readFile, writeFile } from 'node:fs/promises';
import { withDecisions } from './decision-list.ts';

/** Writes the list of decisions into docs/decisions/index.md. */
const path = 'docs/decisions/index.md';
await writeFile(path, withDecisions(await readFile(path, 'utf8')));
