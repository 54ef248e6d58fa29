import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const biome = resolve('node_modules/@biomejs/biome/bin/biome');
let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'berth-imports-'));
  cpSync('biome.json', join(tree, 'biome.json'));
});
afterAll(() => rmSync(tree, { recursive: true }));

/** What the project's linter says of a file in `folder` that imports `specifier`. */
function lint(folder: string, specifier: string): string {
  const path = join(tree, 'app', folder, 'planted.ts');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `export { planted } from '${specifier}';\n`);
  const args = ['lint', '--only=style/noRestrictedImports', '--vcs-enabled=false', path];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...args], { cwd: tree, encoding: 'utf8' });
  return stdout + stderr;
}

describe('imports', () => {
  it.each([
    ['domain', '../ports/store.ts'],
    ['domain', '@aws-sdk/client-dynamodb'],
    ['domain', 'node:fs/promises'],
    ['ports', '../usecases/deps.ts'],
    ['usecases', '../adapters/files/file-logs.ts'],
    ['usecases', '../http/api.ts'],
    ['usecases', '../embedded.ts'],
    ['usecases', '../aws.ts'],
    ['triggers', '../http/api.ts'],
    ['http', '../adapters/dynamodb/dynamo-store.ts'],
    ['adapters/files', '../../usecases/deps.ts'],
    ['http', '../lambda/http.ts'],
    ['adapters/files', '../../http/api.ts'],
    ['adapters/files', '../../aws-config.ts'],
  ])('of %s never point outwards: %s is refused', (folder, specifier) => {
    expect(lint(folder, specifier)).toContain('noRestrictedImports');
  });

  it.each([
    ['ports', '../domain/run.ts'],
    ['usecases', '../ports/store.ts'],
    ['http', '../usecases/start-run.ts'],
    ['adapters/files', '../../ports/objects.ts'],
    ['adapters/docker', '../files/file-logs.ts'],
    ['adapters/ecs', '../aws/aws-fault.ts'],
  ])('of %s may point inwards: %s is fine', (folder, specifier) => {
    expect(lint(folder, specifier)).not.toContain('noRestrictedImports');
  });
});
