import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ContainerBerth, containerBerth, type Workflow } from '../../helpers/container-berth.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const nothing = { containers: 0, networks: 0, processes: 0 };

let berth: ContainerBerth;
let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
  berth = await containerBerth();
});
afterAll(async () => {
  await berth.close();
  await directory.remove();
});

const isIn = (phase: string) => (run: Workflow) => {
  const phases = Array.isArray(run.phases) ? run.phases : [];
  return phases.at(-1)?.name === phase && phases.at(-1)?.finished_at == null;
};

/** On a machine with nothing else to do it is less than 10; what is canceled here would continue for minutes. */
const mostSeconds = 60;

/** Cancels a run, and waits until nothing is left of it. @returns how long that took, in seconds */
async function cancelled(id: string): Promise<number> {
  expect((await berth.leftOf(id)).processes).toBeGreaterThan(0);
  const begun = Date.now();
  expect(await berth.server.call('DELETE', `/workflow/${id}`)).toMatchObject({ status: 200 });
  expect(await berth.ended(id)).toMatchObject({ state: 'cancelled', status: 'STOPPED' });
  await eventually('nothing to be left', async () => {
    const left = await berth.leftOf(id);
    return left.containers + left.networks + left.processes === 0;
  });
  const seconds = (Date.now() - begun) / 1000;
  process.stdout.write(`nothing was left ${seconds.toFixed(1)} s after the cancellation\n`);
  return seconds;
}

describe('a run in a container that is canceled ends within 10 seconds, with nothing left,', () => {
  it('while it clones', async () => {
    // A program that opens a pipe waits for a writer, and git reads packed refs for every ref.
    const stuck = await gitRepository(join(directory.path, 'stuck'), { 'README.md': '#\n' });
    await promisify(execFile)('mkfifo', ['-m', '0666', join(stuck.path, '.git/packed-refs')]);
    const id = await berth.execute('true', { repo_url: stuck.url });
    await berth.until(id, 'clone', isIn('fetch'));
    await eventually('git', async () => (await berth.leftOf(id)).processes > 2);
    expect(await cancelled(id)).toBeLessThan(mostSeconds);
    expect(await berth.leftOf(id)).toEqual(nothing);
  });

  it('while it tests, with processes that do not listen to anyone', async () => {
    const deaf = `trap '' TERM INT HUP; sleep 600; sleep 600`;
    const id = await berth.execute(
      `setsid bash -c "${deaf}" & (${deaf}) & trap '' TERM; echo deaf; sleep 600; sleep 600`,
    );
    await eventually('the tests', async () => (await berth.log(id)).includes('deaf'));
    expect(await cancelled(id)).toBeLessThan(mostSeconds);
    expect(await berth.leftOf(id)).toEqual(nothing);
  });

  it('while it uploads', async () => {
    const id = await berth.execute('head -c 400M /dev/urandom >large', { artifacts: ['large'] });
    await berth.until(id, 'upload', isIn('upload'));
    expect(await cancelled(id)).toBeLessThan(mostSeconds);
    expect(await berth.leftOf(id)).toEqual(nothing);
  });
});
