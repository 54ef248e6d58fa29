import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readOutputs } from '../../../runner-image/src/results/read-outputs.ts';

const directory = () => mkdtemp(join(tmpdir(), 'berth-outputs-'));

async function outputsOf(text: string) {
  const path = join(await directory(), 'output');
  await writeFile(path, text);
  return readOutputs(path, (value) => value.replaceAll('secret', '***'));
}

describe('the outputs of a run', () => {
  it('are key=value lines, of which the last of a key counts', async () => {
    const { values, warnings } = await outputsOf('a=1\n\nurl=https://x.example.com/?a=b\r\na=2\nempty=\n');
    expect(values).toEqual({ a: '2', url: 'https://x.example.com/?a=b', empty: '' });
    expect(warnings).toEqual([]);
  });

  it('hide secrets', async () => {
    expect((await outputsOf('token=my secret\n')).values).toEqual({ token: 'my ***' });
  });

  it.each([
    ['no separator', 'it has no ='],
    ['api-url=x', 'a key has letters, digits, and _, at most 100'],
    ['BERTH_SHA=x', 'names that begin with BERTH_ are reserved'],
    ['PATH=/srv/app', 'PATH is a variable of the machine'],
    [`long=${'x'.repeat(2_001)}`, 'a value has at most 2000 characters'],
    ['nul=\0', 'it contains a NUL character'],
  ])('refuse %j with a warning that does not quote it', async (line, reason) => {
    const { values, warnings } = await outputsOf(`ok=1\n${line}\n`);
    expect(values).toEqual({ ok: '1' });
    expect(warnings).toEqual([
      { code: 'output_refused', message: `Line 2 of BERTH_OUTPUT is not an output: ${reason}.` },
    ]);
  });

  it('are at most 50', async () => {
    const { values, warnings } = await outputsOf(Array.from({ length: 60 }, (_, n) => `k${n}=v`).join('\n'));
    expect(Object.keys(values)).toHaveLength(50);
    expect(warnings).toHaveLength(10);
  });

  it('are the whole lines of the first 64 KiB, with a warning about the rest', async () => {
    const { values, warnings } = await outputsOf(`a=1\n${'#\n'.repeat(32_765)}url=https://x.example.com\n`);
    expect(values).toEqual({ a: '1' });
    expect(warnings[0]?.message).toBe('BERTH_OUTPUT has more than 64 KiB; the rest is ignored.');
  });

  it('are none where there is no regular file, with a warning', async () => {
    const path = join(await directory(), 'link');
    await symlink('/etc/hostname', path);
    const message = expect.stringMatching(/^BERTH_OUTPUT is no longer a regular file/);
    const none = { values: {}, warnings: [{ code: 'output_refused', message }] };
    expect(await readOutputs(path, (value) => value)).toEqual(none);
    expect(await readOutputs(join(path, 'missing'), (value) => value)).toEqual(none);
  });
});
