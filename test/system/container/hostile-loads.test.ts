import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ContainerBerth, containerBerth } from '../../helpers/container-berth.ts';
import { memoryMib, resetPeak } from '../../helpers/process-memory.ts';

const mib = 1024 * 1024;
/**
 * How much the server may grow while a run does its worst, in MiB: a quarter of the log that it must not hold, for what
 * its garbage collector leaves lying about for a while. docs/runner-image.md has what was measured.
 */
const mostGrowthMib = 256;

let berth: ContainerBerth;
beforeAll(async () => {
  berth = await containerBerth({ BERTH_TASK_DISK_GIB: '1.25', BERTH_MAX_LOG_MIB: '2048' });
  // Loads what a server loads at its first run.
  await berth.ended(await berth.execute('echo first'));
});
afterAll(() => berth.close());

let before: number;
beforeEach(async () => {
  await resetPeak(berth.server.pid);
  before = await memoryMib(berth.server.pid, 'VmRSS');
});
afterEach(async () => {
  const { currentTestName: name } = expect.getState();
  const { pid } = berth.server;
  const [peak, now] = [await memoryMib(pid, 'VmHWM'), await memoryMib(pid, 'VmRSS')];
  process.stderr.write(`${name}: the server had ${before} MiB, at most ${peak}, and has ${now}\n`);
  expect(peak - before).toBeLessThan(mostGrowthMib);
});

const run = async (command: string, more: Record<string, unknown> = {}) =>
  berth.ended(await berth.execute(command, { memory: 512, ...more }), 600);

/** Reads the whole log, like a client that follows it, and keeps none of it. */
async function followedBytes(id: string): Promise<number> {
  const response = await fetch(`${berth.server.url}/workflow/${id}/logs?follow=true`, {
    headers: { 'x-api-key': berth.server.apiKey, accept: 'text/event-stream' },
  });
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  return bytes;
}

describe('a run in a container, and the server next to it,', () => {
  it('survive a fork bomb, and say that there were too many processes', async () => {
    const bomb = 'bomb() { bomb | bomb & }; bomb; sleep 1; sleep 1; exit 1';
    expect(await run(bomb, { memory: 4096 })).toMatchObject({
      state: 'errored',
      error_code: 'process_limit',
    });
  });

  it('survive 2 GB in 512 MiB, and say that the memory was too small', async () => {
    const ended = await run(`python3 -c 'b"x" * (2 << 30)'`);
    expect(ended).toMatchObject({ state: 'errored', error_code: 'out_of_memory' });
    expect(ended.summary).toContain('ran out of memory: 512 MiB');
  });

  it('survive a file without end, and say that the disk was used up', async () => {
    const ended = await run('cat /dev/zero >"$TMPDIR/zeros"');
    expect(ended).toMatchObject({ state: 'errored', error_code: 'disk_full' });
    expect(ended.summary).toContain('exceeded its disk limit of 1280 MiB');
  });

  it('survive a file system without room, and say which it is', async () => {
    const ended = await run('cat /dev/zero >/dev/shm/zeros');
    expect(ended).toMatchObject({ state: 'errored', error_code: 'disk_full' });
    expect(ended.summary).toContain('The disk is full: /dev/shm has 64 MiB');
  });

  it('survive a line without end, and say that it was the log', async () => {
    const ended = await run(`cat /dev/zero | tr '\\0' x`);
    expect(ended).toMatchObject({ state: 'errored', error_code: 'disk_full' });
    expect(ended.summary).toMatch(/disk limit of 1280 MiB, including \d+ MiB of log/);
  });

  it('survive 1 GB of log, also while someone reads it', async () => {
    const line = 'a line of the log of 64 characters, which is repeated forever.';
    const ended = await run(`(yes '${line}' || true) | head -c ${1024 * mib}`);
    expect(ended).toMatchObject({ state: 'succeeded', exit_code: 0 });
    expect(await followedBytes(ended.id)).toBeGreaterThan(1024 * mib);
  });
});
