import { readFile, writeFile } from 'node:fs/promises';
import { withCosts } from './costs/cost-page.ts';

/** Writes the figures into docs/cost.md. */
await writeFile('docs/cost.md', withCosts(await readFile('docs/cost.md', 'utf8')));
