import { describe, expect, it } from '@jest/globals';
import type { LogPage } from '../../../action/berth-api.ts';
import { aRequest, httpWorld } from '../http/http-world.ts';

describe("A page of a run's log", () => {
  it('has what the action reads', async () => {
    const w = httpWorld({
      logs: {
        read: async () => ({ lines: [{ text: 'a line' }], cursor: '1', complete: true }),
        consoleUrl: () => undefined,
      },
    });
    const { client } = await w.shop();
    const { body } = await client.post('/workflow/execute', aRequest);
    const page: { body: LogPage } = await client.get(`/workflow/${body.workflow_id}/logs`);
    expect(page.body).toEqual({ lines: [{ text: 'a line' }], cursor: '1', complete: true });
  });
});
