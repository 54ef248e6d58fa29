import { useMemo, useState } from 'preact/hooks';
import { createLogSearch } from './search-log.ts';
import type { Log } from './use-log.ts';

export interface LogSearch {
  readonly text: string;
  /** Indexes of the lines that contain the text. */
  readonly matches: readonly number[];
  /** Position of the selected match in `matches`. */
  readonly current: number;
  readonly setText: (text: string) => void;
  /** Goes to the next or the previous match; after the last comes the first. */
  readonly move: (step: 1 | -1) => void;
}

/** @param show scrolls to a line. */
export function useLogSearch({ document, version }: Log, show: (line: number) => void): LogSearch {
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const find = useMemo(() => createLogSearch(document.lines), [document]);
  // The document grows in place; its version says when.
  const matches = useMemo(() => find(text), [find, text, version]);
  const goTo = (position: number, among: readonly number[]): void => {
    setCurrent(position);
    const line = among[position];
    if (line !== undefined) show(line);
  };
  return {
    text,
    matches,
    current: Math.min(current, Math.max(0, matches.length - 1)),
    setText: (next) => {
      setText(next);
      goTo(0, find(next));
    },
    move: (step) => {
      if (matches.length > 0) goTo((current + step + matches.length) % matches.length, matches);
    },
  };
}
