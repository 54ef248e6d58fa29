import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { absent } from '../files/read-if-exists.ts';

/** A longer log of a service ends there. */
const mostBytes = 10 * 1024 * 1024;

/**
 * Copies the output of a container to a file until the container ends. What the file has already is not written again:
 * an engine returns the same bytes from the beginning.
 */
export async function copyLog(docker: Docker, container: Docker.Container, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const known = (await stat(path).catch(absent))?.size ?? 0;
  if (known >= mostBytes) return;
  const output = await container.logs({ follow: true, stdout: true, stderr: true });
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  let at = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      const fresh = chunk.subarray(Math.max(0, known - at), Math.max(0, mostBytes - at));
      at += chunk.length;
      if (at >= mostBytes && 'destroy' in output && typeof output.destroy === 'function') output.destroy();
      if (fresh.length === 0) return callback();
      file.write(fresh, callback);
    },
  });
  docker.modem.demuxStream(output, sink, sink);
  // An engine that stops, or a log that is too long, ends the copy early.
  await finished(output).catch(() => undefined);
  sink.end();
  await finished(sink).catch(() => undefined);
  file.end();
  await finished(file);
}
