import { describe, expect, it } from '@jest/globals';
import { toRun, toRunItem } from '../../../../app/adapters/dynamodb/run-item.ts';
import { type Outcome, outcomeWithoutResult } from '../../../../app/core/model/outcome.ts';
import { newProjectId, newRun } from '../../../contract/store/samples.ts';

const mostBytes = 400 * 1024;

/** The size as DynamoDB counts it: the bytes of names and values. */
function sizeOf(item: object): number {
  return Buffer.byteLength(Object.entries(item).flat().join(''));
}

function runWith(outcome: Partial<Outcome>) {
  return newRun(newProjectId(), { outcome: { ...outcomeWithoutResult('Tests failed.'), ...outcome } });
}

function failures(count: number, text: string): Outcome['failures'] {
  return Array.from({ length: count }, (_, index) => ({
    name: `test ${index}`,
    group: 'g',
    message: text,
    details: text,
  }));
}

describe('the item of a run', () => {
  it('fits whatever the outputs and the summary contain', () => {
    const outputs = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`output${index}`, '漢'.repeat(4_000)]),
    );
    const item = toRunItem(runWith({ outputs, summary: 'x'.repeat(mostBytes) }));
    expect(sizeOf(item)).toBeLessThan(mostBytes);
    const { outcome } = toRun(item);
    expect(outcome?.warnings).toMatchObject([{ code: 'result_cut' }]);
    expect(outcome?.outputs).toBeUndefined();
  });

  it('round-trips', () => {
    const run = runWith({ failures: failures(100, 'short'), logTail: ['a', 'b'] });
    expect(toRun(toRunItem(run))).toEqual(run);
  });

  it('expires after its retention, once the run is settled', () => {
    const run = runWith({});
    expect(toRunItem(run, 30)).not.toHaveProperty('ttl');
    const settled = { ...run, settledAt: new Date('2026-01-01T00:00:00Z') };
    expect(toRunItem(settled)).not.toHaveProperty('ttl');
    expect(toRunItem(settled, 30).ttl).toBe(Date.parse('2026-01-31T00:00:00Z') / 1000);
    expect(toRun(toRunItem(settled, 30))).toEqual(settled);
  });

  it('does not expire with the command of a teardown, which a stack may still need', () => {
    const run = { ...runWith({}), settledAt: new Date('2026-01-01T00:00:00Z') };
    const withTeardown = { ...run, spec: { ...run.spec, teardown: './destroy.sh' } };
    expect(toRunItem(withTeardown, 30)).not.toHaveProperty('ttl');
  });

  it.each([
    ['many long traces', { failures: failures(100, 'ü'.repeat(4000)) }],
    [
      'a long tail of the log',
      { failures: failures(100, 'é'.repeat(900)), logTail: Array(100).fill('x'.repeat(2000)) },
    ],
    [
      'very many artifacts',
      { artifacts: Array(9000).fill({ path: 'a'.repeat(60), sizeBytes: 1, isReport: false }) },
    ],
  ])("with %s is truncated to DynamoDB's limit, with a mark", (_name, outcome) => {
    const item = toRunItem(runWith(outcome));
    expect(sizeOf(item)).toBeLessThan(mostBytes);
    expect(toRun(item).outcome?.summary).toBe('Tests failed.');
  });

  it('marks truncated fields', () => {
    const run = toRun(toRunItem(runWith({ failures: failures(100, 'x'.repeat(4000)) })));
    expect(run.outcome?.failures).toHaveLength(100);
    expect(run.outcome?.failures[0]?.message).toMatch(/^x+… \(cut: the report has the rest\)$/);
  });

  it('of a run with a huge command is rejected', () => {
    const run = newRun(newProjectId(), {}, { command: 'x'.repeat(500_000) });
    expect(() => toRunItem(run)).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  });

  it('that is damaged is rejected by name', () => {
    const item = toRunItem(newRun(newProjectId()));
    expect(() => toRun({ ...item, document: '{"state":"flying"}' })).toThrow(
      `item ${item.pk} RUN cannot be read`,
    );
  });
});
