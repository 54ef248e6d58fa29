import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from '@jest/globals';

it('names only tests that exist', () => {
  const text = readFileSync('docs/aws-fidelity.md', 'utf8');
  const named = [...text.matchAll(/`([\w-]+(?:\.test\.ts|\.tftest\.hcl))`/g)].map(([, name = '']) => name);
  const files = ['test', 'terraform'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !files.includes(name))).toEqual([]);
});
