import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';

const bundle = resolve('.cache/test/take-and-release.mjs');

/** Makes the program that {@link startWriter} starts: processes are killed, functions are not. */
export async function buildWriter(): Promise<void> {
  await build({
    entryPoints: ['test/system/adapters/dynamodb/take-and-release.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
}

/** A process that takes and releases stacks without end, and prints each params that was acknowledged. */
export function startWriter(directory: string): ChildProcess & { readonly stdout: Readable } {
  return spawn(process.execPath, ['--no-warnings', bundle, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
