import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type EmbeddedBerth, embeddedBerth } from './embedded-berth.ts';
import { jobIn } from './step.ts';

const lines = 3_000_000;
const bytesPerLine = 100;

let berth: EmbeddedBerth;
let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
  berth = await embeddedBerth({ BERTH_MAX_LOG_MIB: '500' });
});

afterAll(async () => {
  await berth.remove();
  await directory.remove();
});

describe('A run that prints 300 MB', () => {
  it('is shown to its last line, at a steady memory', async () => {
    const repository = await gitRepository(`${directory.path}/repository`, { 'a.txt': 'a' });
    const step = await jobIn(directory.path).step({
      'api-url': berth.url,
      'api-key': berth.apiKey,
      repository: repository.url,
      ref: 'main',
      command: `awk 'BEGIN { for (i = 1; i <= ${lines}; i++) printf "%0${bytesPerLine - 1}d\\n", i }'`,
    });
    let bytes = 0;
    let tail = '';
    const samples: { atBytes: number; residentMib: number }[] = [];
    step.process.stdout?.on('data', (text: string) => {
      bytes += text.length;
      tail = (tail + text).slice(-2000);
      const last = samples.at(-1);
      if (last === undefined || bytes - last.atBytes > 5_000_000) {
        samples.push({ atBytes: bytes, residentMib: residentMib(step.pid) });
      }
    });
    const end = await step.ended();
    expect(end.exitCode).toBe(0);
    expect(bytes).toBeGreaterThan(lines * bytesPerLine);
    expect(tail).toContain(`\n${String(lines).padStart(bytesPerLine - 1, '0')}\n`);

    const most = (part: typeof samples): number => Math.max(...part.map(({ residentMib: mib }) => mib));
    const early = most(samples.slice(0, samples.length / 2));
    const late = most(samples.slice(samples.length / 2));
    console.log(
      `300 MB in ${end.seconds.toFixed(0)} s; at most ${early.toFixed(0)} MiB in the first half, ${late.toFixed(0)} MiB in the second`,
    );
    // V8 lets its garbage grow up to a limit; a log that was kept would be another 150 MB in the second half.
    expect(late - early).toBeLessThan(100);
  });
});

function residentMib(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib ?? 0) / 1024;
}
