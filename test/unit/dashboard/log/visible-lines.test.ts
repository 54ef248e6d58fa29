import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { visibleLines } from '../../../../app/dashboard/web/log/visible-lines.ts';
import type { LogGroup } from '../../../../app/lib/log/log-groups.ts';

const group = (start: number, end?: number): LogGroup => ({
  start,
  title: '',
  kind: 'group',
  opensByDefault: false,
  ...(end === undefined ? {} : { end }),
});

describe('visibleLines', () => {
  it('shows every line if nothing is folded', () => {
    const visible = visibleLines(5, [group(1, 3)], () => false);
    expect([visible.length, visible.lineAt(4), visible.rowOf(2)]).toEqual([5, 4, 2]);
  });

  it('keeps the title of a folded group', () => {
    const visible = visibleLines(8, [group(1, 3), group(5)], () => true);
    const shown = Array.from({ length: visible.length }, (_, row) => visible.lineAt(row));
    expect(shown).toEqual([0, 1, 4, 5]);
    expect(visible.rowOf(2)).toBe(1);
    expect(visible.rowOf(7)).toBe(3);
  });

  it('agrees with hiding line by line, even for nested groups', () => {
    const groups = fc
      .array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 8 })
      .map((pairs) => pairs.map(([a, b]) => group(Math.min(a, b), Math.max(a, b))))
      // Nested or apart, as the finder makes them, in the order of their starts.
      .map((all) => all.sort((a, b) => a.start - b.start || (b.end ?? 0) - (a.end ?? 0)))
      .filter((all) =>
        all.every((one) =>
          all.every(
            (other) =>
              one === other ||
              (one.end ?? 0) < other.start ||
              (other.end ?? 0) < one.start ||
              (one.start < other.start && (other.end ?? 0) <= (one.end ?? 0)) ||
              (other.start < one.start && (one.end ?? 0) <= (other.end ?? 0)),
          ),
        ),
      );
    fc.assert(
      fc.property(groups, fc.func(fc.boolean()), (all, isFolded) => {
        const count = 31;
        const visible = visibleLines(count, all, isFolded);
        const expected = Array.from({ length: count }, (_, line) => line).filter(
          (line) => !all.some((one) => isFolded(one) && line > one.start && line <= (one.end ?? count)),
        );
        expect(Array.from({ length: visible.length }, (_, row) => visible.lineAt(row))).toEqual(expected);
        for (const [row, line] of expected.entries()) expect(visible.rowOf(line)).toBe(row);
      }),
    );
  });
});
