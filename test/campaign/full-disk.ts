import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gitRepository } from '../helpers/git-repository.ts';
import { startServer } from '../helpers/server-process.ts';

/*
 * Fills the disk of a real server, while it works and by one of its tasks, and prints what it answers. The disk is a small
 * file system that belongs to this test, with 400 MiB or more:
 *
 *   mount -t tmpfs -o size=900m tmpfs /mnt/small
 *   npm run full-disk -- /mnt/small
 */
const [disk] = process.argv.slice(2);
if (disk === undefined) throw new Error('Name the directory of a small file system.');
const print = (...parts: readonly unknown[]): void => void process.stdout.write(`${parts.join(' ')}\n`);
const fill = async (file: string): Promise<unknown> =>
  promisify(execFile)('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M']).catch(() => undefined);

const work = await mkdtemp(join(disk, 'full-disk-'));
const repository = await gitRepository(join(work, 'repository'), { 'README.md': '# disk\n' });
let server = await startServer(join(work, 'data'), { BERTH_LOG_LEVEL: 'silent' });
try {
  const running = await execute('sleep 6; echo done');
  await delay(3000);
  await fill(join(work, 'fill'));
  await show('a full disk');
  print('the run that was running:', await endOf(running));
  await server.kill();
  server = await startServer(join(work, 'data'), { BERTH_LOG_LEVEL: 'silent' });
  print('killed, and started again on the full disk');
  await rm(join(work, 'fill'));
  await show('space is free again');
  print('a run that fills the disk:', await endOf(await execute('dd if=/dev/zero of=big bs=1M')));
  await delay(2000);
  await show('after it');
} finally {
  await server.kill();
  await rm(work, { recursive: true, force: true });
}

function start(command: string) {
  const body = { repo_url: repository.url, branch: 'main', test_command: command, stack: false };
  return server.call('POST', '/workflow/execute', body);
}

async function execute(command: string): Promise<string> {
  const { status, body } = await start(command);
  if (status !== 202) throw new Error(`a run was refused: ${status} ${JSON.stringify(body)}`);
  return String(body.workflow_id);
}

async function endOf(id: string): Promise<string> {
  for (let look = 0; look < 90; look += 1) {
    const { body } = await server.call('GET', `/workflow/${id}/status`);
    if (typeof body.conclusion === 'string') return `${body.state} (${body.conclusion})`;
    await delay(500);
  }
  const { status, body } = await server.call('GET', `/workflow/${id}/status`);
  return `no verdict: ${status} ${JSON.stringify(body)}`;
}

async function show(moment: string): Promise<void> {
  const { bavail, bsize } = await statfs(work);
  const { status, body } = await server.call('GET', '/readyz');
  const { status: started } = await start('true');
  print(
    `${moment}: ${Math.round((bavail * bsize) / 2 ** 20)} MiB free,`,
    `readyz ${status} ${body.message ?? ''}, a new run ${started}`,
  );
}
