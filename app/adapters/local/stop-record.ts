import { join } from 'node:path';
import { absent, readIfExists } from '../files/read-if-exists.ts';
import { createAtomically } from '../files/write-atomically.ts';

/** Records on disk that a task has to stop, so that a restarted server continues with it. */
export interface StopRecord {
  readonly at: Date;
  readonly reason: string;
  /** Set if a service of the task did not become ready. */
  readonly failure?: 'service_not_ready';
}

const fileName = 'stop.json';

/** Records the first request to stop a task. Later ones, and requests after its removal, have no effect. */
export async function recordStop(directory: string, stop: StopRecord): Promise<void> {
  const path = join(directory, fileName);
  await createAtomically(path, `${JSON.stringify(stop)}\n`, { makeDirectory: false }).catch(absent);
}

export async function readStop(directory: string): Promise<StopRecord | undefined> {
  const text = await readIfExists(join(directory, fileName));
  if (text === undefined) return undefined;
  const { at, reason, failure } = JSON.parse(text);
  return { at: new Date(at), reason: String(reason), ...(failure === undefined ? {} : { failure }) };
}
