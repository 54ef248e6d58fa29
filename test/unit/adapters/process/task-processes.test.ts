import { describe, expect, it } from '@jest/globals';
import type { ProcessTable } from '../../../../app/adapters/process/process-table.ts';
import { taskDirectory } from '../../../../app/adapters/process/task-directory.ts';
import { taskProcesses } from '../../../../app/adapters/process/task-processes.ts';

describe('the processes of tasks', () => {
  it('are listed once for all tasks that end at the same time', async () => {
    let [listings, running, most] = [0, 0, 0];
    const table: ProcessTable = {
      async list() {
        listings += 1;
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return [];
      },
      birthOf: async () => undefined,
      parseBirth: (text) => text,
      bootId: async () => 'this start',
    };
    const processes = taskProcesses(table);
    const claim = { pid: 4711, writtenBirth: '1', bootId: 'this start', at: new Date(0) };
    const ends = Array.from({ length: 100 }, (_, number) =>
      processes.kill(taskDirectory('/data/tasks', `run-${number}`), claim),
    );
    expect(await Promise.all(ends)).not.toContain(false);
    expect(most).toBe(1);
    expect(listings).toBeLessThanOrEqual(2);
  });
});
