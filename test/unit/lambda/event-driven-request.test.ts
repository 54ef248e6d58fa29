import { describe, expect, it } from '@jest/globals';
import { parseEventDrivenRequest } from '../../../app/lambda/event-driven-request.ts';

/** The texts are exact: CONTRACTS, "Event-driven runs". */
describe('a direct invocation', () => {
  it.each([
    [{ body: { runId: 'test123' } }, 'runId-test123'],
    [{ body: '{"runId": "test123"}' }, 'runId-test123'],
    [{ body: { runId: 'runId-a_B-9' } }, 'runId-a_B-9'],
    [{ body: { runId: 'x'.repeat(128) } }, `runId-${'x'.repeat(128)}`],
  ])('%j starts a run', (event, runId) => {
    expect(parseEventDrivenRequest(event)).toEqual({ runId });
  });

  it.each([
    [{}, "Missing 'body' in event payload"],
    [undefined, "Missing 'body' in event payload"],
    ['text', "Missing 'body' in event payload"],
    [{ body: null }, "Missing 'body' in event payload"],
    [{ body: {} }, "Missing 'runId' in body"],
    [{ body: '5' }, "Missing 'runId' in body"],
    [{ body: { runId: '' } }, "Missing 'runId' in body"],
    [{ body: { runId: 5 } }, "'runId' must be a string"],
    [{ body: { runId: 'a b' } }, "'runId' contains invalid characters"],
    [{ body: { runId: 'ä' } }, "'runId' contains invalid characters"],
    [{ body: { runId: 'a\n' } }, "'runId' contains invalid characters"],
    [{ body: { runId: 'x'.repeat(129) } }, "'runId' exceeds maximum length of 128 characters"],
  ])('%j is rejected: %s', (event, error) => {
    expect(parseEventDrivenRequest(event)).toEqual({ error });
  });

  it('explains an error in the JSON', () => {
    expect(parseEventDrivenRequest({ body: '{' })).toEqual({
      error: expect.stringMatching(/^Invalid JSON in body: .+/),
    });
  });
});
