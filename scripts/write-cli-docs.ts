import { readFile, writeFile } from 'node:fs/promises';
import { withHelp } from './cli-help.ts';

/** Writes the help of every command into docs/cli.md. */
await writeFile('docs/cli.md', withHelp(await readFile('docs/cli.md', 'utf8')));
