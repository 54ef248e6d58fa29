import { expect, it } from '@jest/globals';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Ticket } from '../../../../app/dashboard/web/lib/api.ts';
import { Queue } from '../../../../app/dashboard/web/stacks/queue.tsx';

it.each([
  [90, true],
  [0, false],
  [null, false],
])('shows an estimate of %p seconds: %p', (estimatedSeconds, isShown) => {
  // Only the fields that the queue reads.
  const ticket = {
    holder: 'deploy',
    heldBy: 'API client deploy',
    branch: 'main',
    position: 1,
    workflowId: null,
    asked: '2030-01-01T00:00:00Z',
    stackNumber: null,
    estimatedSeconds,
  } as unknown as Ticket;
  const shown = renderToString(h(Queue, { tickets: [ticket], project: 'p' }));
  expect(shown.includes('left')).toBe(isShown);
});
