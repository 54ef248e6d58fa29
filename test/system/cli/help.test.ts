import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { berth } from '../../helpers/berth-process.ts';

describe('berth --help and --version', () => {
  it('go to standard output of the process, without colors if it is not a terminal, and exit with 0; a typo with 2', async () => {
    const [help, versionOnly, typo] = await Promise.all(
      ['--help', '--version', 'rum'].map((arg) => berth([arg], { directory: '/' })),
    );
    expect(help).toMatchObject({ exitCode: 0, err: '', out: expect.stringContaining('Exit codes:') });
    expect(help?.out).not.toContain('\u001b');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(versionOnly).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
    expect(typo).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('Did you mean run?') });
  });
});
