import { useEffect, useState } from 'preact/hooks';
import { extendRange, formatLineRange, type LineRange, parseLineRange } from '../../../lib/log/line-range.ts';

/** Keeps the selected lines in the address, so that they can be linked to. */
export function useLineRange(): {
  readonly range: LineRange | undefined;
  /** Grows when the address named lines, other than by a selection: they are to be scrolled to. */
  readonly jumps: number;
  readonly select: (line: number, extend: boolean) => void;
} {
  const [range, setRange] = useState(() => parseLineRange(location.hash));
  const [jumps, setJumps] = useState(1);
  useEffect(() => {
    const read = (): void => {
      setRange(parseLineRange(location.hash));
      setJumps((count) => count + 1);
    };
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  const select = (line: number, extend: boolean): void => {
    const next = extend ? extendRange(range, line) : { first: line, last: line };
    // Not by location.hash: the browser would scroll, and every click would be an entry of the history.
    history.replaceState(history.state, '', formatLineRange(next));
    setRange(next);
  };
  return { range, jumps, select };
}
