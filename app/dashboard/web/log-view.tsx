import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { AnsiText } from './ansi-text.tsx';
import { useLog } from './log-lines.ts';
import { logSearch } from './log-search.ts';
import { useVirtual } from './use-virtual.ts';

const lineHeight = 20;
/** Keys with which somebody leaves the end of the log. */
const upwards = ['ArrowUp', 'PageUp', 'Home'];

/** The log: live, with colours, searched and linked by line, and as quick with 200,000 lines as with ten. */
export function LogView({ id, onState }: { id: string; onState: () => void }) {
  const { lines, version, complete } = useLog(id, onState);
  const [search, setSearch] = useState('');
  const [linked, setLinked] = useState(linkedLine);
  const [follows, setFollows] = useState(linked === 0);
  const box = useRef<HTMLDivElement>(null);
  const find = useMemo(() => logSearch(lines), [lines]);
  const shown = useMemo(() => find(search), [find, search, version]);
  const virtual = useVirtual(box, shown.length, lineHeight);

  useLayoutEffect(() => {
    if (follows && shown.length > 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [follows, shown.length, virtual]);

  // A link to a line is followed as soon as the line is there.
  const isThere = linked > 0 && lines.length >= linked;
  useLayoutEffect(() => {
    if (isThere && search === '') virtual.scrollToIndex(linked - 1, { align: 'center' });
  }, [isThere, linked, search, virtual]);
  useEffect(() => {
    const look = (): void => {
      setLinked(linkedLine());
      setFollows(false);
      setSearch('');
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  const leave = useCallback(() => setFollows(false), []);

  return (
    <section aria-labelledby="log" class="log">
      <h2 id="log">Log</h2>
      <search class="log-tools">
        <label>
          Search the log
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <span class="quiet" role="status">
          {search === ''
            ? `${lines.length.toLocaleString()} lines`
            : `${shown.length.toLocaleString()} of ${lines.length.toLocaleString()} lines`}
          {complete ? '' : ', live'}
        </span>
        <label class="check">
          <input
            type="checkbox"
            checked={follows}
            onChange={(event) => setFollows(event.currentTarget.checked)}
          />{' '}
          Follow
        </label>
        <a href={`/workflow/${encodeURIComponent(id)}/logs?format=text`} download={`${id}.log`}>
          Download
        </a>
      </search>
      <div
        ref={box}
        class="lines"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        // A reader of screens would read out every line that a busy run prints.
        aria-live="off"
        onWheel={leave}
        onTouchMove={leave}
        onKeyDown={(event) => upwards.includes(event.key) && leave()}
      >
        {shown.length === 0 && <p class="nothing quiet">{nothingShown(lines.length > 0, complete)}</p>}
        <div class="sizer" ref={(sizer) => sizer?.style.setProperty('height', `${virtual.getTotalSize()}px`)}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const number = shown.numberOf(index);
            return (
              <div
                key={number}
                class={number + 1 === linked ? 'row linked' : 'row'}
                ref={(row) => row?.style.setProperty('transform', `translateY(${start}px)`)}
              >
                <a href={`#L${number + 1}`} class="line-number" aria-label={`Link to line ${number + 1}`}>
                  {number + 1}
                </a>
                <AnsiText text={lines[number] ?? ''} mark={search} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

function nothingShown(hasLines: boolean, complete: boolean): string {
  if (hasLines) return 'No line has this text.';
  return complete ? 'Nothing was printed.' : 'Lines come here as they are printed.';
}

/** The line that the address names, as `#L123`; 0 where it names none. */
function linkedLine(): number {
  return Number(/^#L([1-9]\d{0,8})$/.exec(location.hash)?.[1] ?? 0);
}
