import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const changelog = `# Changelog

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-01-01

- The beginning.
`;

let directory: TemporaryDirectory;
const read = (name: string) => readFileSync(join(directory.path, name), 'utf8');
const write = (name: string, text: string) => writeFileSync(join(directory.path, name), text);

function call(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory.path, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
const release = (...args: string[]) => call(process.execPath, resolve('scripts/release.mjs'), ...args);

beforeEach(async () => {
  directory = await temporaryDirectory();
  write('CHANGELOG.md', changelog);
  write('package.json', JSON.stringify({ name: 'berth', version: '0.1.0' }));
  mkdirSync(join(directory.path, 'terraform'));
  write('terraform/README.md', 'source = "github.com/berth/berth//terraform?ref=v0.1.0"\n');
  call('git', 'init', '--quiet');
  call('git', 'config', 'user.name', 'test');
  call('git', 'config', 'user.email', 'test@example.com');
  call('git', 'add', '--all');
  call('git', 'commit', '--quiet', '--message=first');
});
afterEach(() => directory.remove());

describe('A release', () => {
  it('writes its version everywhere and commits', () => {
    expect(release('0.2.0')).toMatchObject({ status: 0 });
    expect(JSON.parse(read('package.json')).version).toBe('0.2.0');
    expect(read('CHANGELOG.md')).toMatch(
      /## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added/,
    );
    expect(read('terraform/README.md')).toContain('ref=v0.2.0');
    expect(call('git', 'log', '-1', '--format=%s').output).toBe('chore(release): 0.2.0\n');
    expect(call('git', 'status', '--porcelain').output).toBe('');
  });

  it('passes the check of its tag, and has notes', () => {
    release('0.2.0');
    expect(release('check', 'v0.2.0')).toEqual({ status: 0, output: '' });
    expect(release('notes', 'v0.2.0').output).toBe('### Added\n\n- A thing.\n');
  });

  it.each([
    ['another version', ['check', 'v0.3.0'], 'package.json has 0.1.0'],
    ['no version', ['soon'], 'Usage:'],
    ['a version that is in the changelog', ['0.1.0'], 'already has a section'],
    ['a version without notes', ['notes', 'v9.9.9'], 'no changes for 9.9.9'],
  ])('stops at %s', (_name, args, message) => {
    const { status, output } = release(...args);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(message) });
  });

  it('stops at uncommitted changes', () => {
    write('CHANGELOG.md', `${changelog}\nmore\n`);
    expect(release('0.2.0').output).toContain('Commit or stash');
  });
});
