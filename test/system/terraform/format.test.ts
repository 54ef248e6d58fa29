import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

it('is all formatted as terraform fmt does', async () => {
  const args = ['fmt', '-check', '-recursive', '-diff', '-no-color', 'terraform'];
  const outcome = await promisify(execFile)('terraform', args).catch(({ stdout }) => ({ stdout }));
  expect(outcome.stdout).toBe('');
});
