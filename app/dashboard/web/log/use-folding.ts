import { useCallback, useMemo, useState } from 'preact/hooks';
import type { LogGroup } from '../../../lib/log/log-groups.ts';
import type { Log } from './use-log.ts';
import { type VisibleLines, visibleLines } from './visible-lines.ts';

/** Folds and unfolds the groups of a log. */
export function useFolding({ document, version }: Log): {
  readonly visible: VisibleLines;
  readonly isFolded: (group: LogGroup) => boolean;
  readonly toggle: (group: LogGroup) => void;
  /** Opens every group that hides a line. */
  readonly reveal: (line: number) => void;
  readonly setAll: (folded: boolean) => void;
} {
  const [choices, setChoices] = useState<ReadonlyMap<number, boolean>>(new Map());
  const { groups, firstError } = document;
  const isFolded = useCallback(
    (group: LogGroup): boolean =>
      choices.get(group.start) ??
      (!group.opensByDefault && group.end !== undefined && !holds(group, firstError)),
    [choices, firstError],
  );
  const visible = useMemo(
    () => visibleLines(document.lines.length, groups, isFolded),
    // The document grows in place; its version says when.
    [document, groups, isFolded, version],
  );
  const toggle = (group: LogGroup): void =>
    setChoices((before) => new Map(before).set(group.start, !isFolded(group)));
  const reveal = useCallback(
    (line: number): void =>
      setChoices((before) => {
        const hiding = groups.filter((group) => holds(group, line) && group.start !== line);
        if (hiding.every((group) => before.get(group.start) === false)) return before;
        return new Map([...before, ...hiding.map((group) => [group.start, false] as const)]);
      }),
    [groups],
  );
  const setAll = (folded: boolean): void => setChoices(new Map(groups.map(({ start }) => [start, folded])));
  return { visible, isFolded, toggle, reveal, setAll };
}

function holds(group: LogGroup, line: number): boolean {
  return line >= group.start && line <= (group.end ?? Number.POSITIVE_INFINITY);
}
