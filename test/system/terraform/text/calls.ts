import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const metafileSchema = z.object({ inputs: z.record(z.string(), z.unknown()) });

/** The files of the app that a function is bundled from. */
export function sourcesOf(name: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'berth-calls-'));
  try {
    const metafile = join(folder, 'meta.json');
    const options = [
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      '--log-level=error',
    ];
    const files = [`--metafile=${metafile}`, `--outfile=${join(folder, 'out.mjs')}`];
    execFileSync('node_modules/.bin/esbuild', [`app/lambda/${name}.ts`, ...options, ...files]);
    return Object.keys(metafileSchema.parse(JSON.parse(readFileSync(metafile, 'utf8'))).inputs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The calls to AWS that a file makes, as `service:Operation` in the words of the SDK's clients. */
export function callsIn(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)];
  const commands = imports.flatMap(([, names = '', client]) =>
    [...names.matchAll(/(?<!type )\b(\w+)Command\b/g)].map(([, operation]) => `${client}:${operation}`),
  );
  // The store is handed an object with DynamoDB's operations as methods.
  const methods = text.includes('DynamoApi') ? [...text.matchAll(/\bclient\.([a-z]\w+)\(/g)] : [];
  const operations = methods.map(
    ([, name = '']) => `dynamodb:${name.replace(/^./, (first) => first.toUpperCase())}`,
  );
  return [...new Set([...commands, ...operations])];
}
