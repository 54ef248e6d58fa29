import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface InitOptions {
  /** Created if it does not exist. */
  readonly directory: string;
  /** Coverage and release tools read the URL of `origin`. */
  readonly originUrl: string;
  /** The repository names its objects by SHA-256. */
  readonly isSha256: boolean;
}

/**
 * Creates an empty repository, as `git init --template=` does (gitrepository-layout(5)), without a process: starting one
 * takes longer than all of this.
 */
export async function initRepository({ directory, originUrl, isSha256 }: InitOptions): Promise<void> {
  const git = join(directory, '.git');
  await mkdir(join(git, 'objects', 'pack'), { recursive: true });
  await mkdir(join(git, 'refs', 'heads'), { recursive: true });
  await Promise.all([
    writeFile(join(git, 'HEAD'), 'ref: refs/heads/main\n'),
    writeFile(join(git, 'config'), configOf(originUrl, isSha256)),
  ]);
}

function configOf(originUrl: string, isSha256: boolean): string {
  const url = originUrl.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return [
    '[core]',
    `\trepositoryformatversion = ${isSha256 ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    ...(isSha256 ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[remote "origin"]',
    `\turl = "${url}"`,
    '',
  ].join('\n');
}
