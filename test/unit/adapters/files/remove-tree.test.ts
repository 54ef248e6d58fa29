import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { removeTree } from '../../../../app/adapters/files/remove-tree.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

it('removes directories that are deeper than a path can be long, protected ones too, and nothing that a link names', async () => {
  const directory = await temporaryDirectory();
  const name = 'd'.repeat(200);
  const script = `mkdir kept tree; touch kept/file; cd tree; ln -s ../kept link
    for level in $(seq 30); do mkdir ${name}; cd ${name}; done; touch file; chmod 500 .`;
  await promisify(execFile)('sh', ['-c', script], { cwd: directory.path });
  await removeTree(join(directory.path, 'tree'));
  await expect(access(join(directory.path, 'tree'))).rejects.toThrow('ENOENT');
  expect(await readdir(join(directory.path, 'kept'))).toEqual(['file']);
  await directory.remove();
});
