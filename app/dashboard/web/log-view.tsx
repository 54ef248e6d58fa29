import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { AnsiText } from './ansi-text.tsx';
import { useLog } from './log-lines.ts';

const lineHeight = 20;

/** The log: live, with colours, searched and linked by line, and as quick with 200,000 lines as with ten. */
export function LogView({ id }: { id: string }) {
  const { lines, version, complete } = useLog(id);
  const [search, setSearch] = useState('');
  const [follows, setFollows] = useState(!location.hash.startsWith('#L'));
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => matching(lines, search), [search, version]);
  const virtual = useVirtual(box, shown.length);

  useLayoutEffect(() => {
    if (follows && shown.length > 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [follows, shown.length, virtual]);
  const [linked] = useState(() => Number(location.hash.slice(2)));
  useLayoutEffect(() => {
    if (complete && linked > 0) virtual.scrollToIndex(linked - 1, { align: 'center' });
  }, [complete, linked, virtual]);

  return (
    <section aria-labelledby="log" class="log">
      <h2 id="log">Log</h2>
      <search class="log-tools">
        <label>
          Search
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <span class="quiet" aria-live="polite">
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
      </search>
      <div
        ref={box}
        class="lines"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        onWheel={() => setFollows(false)}
      >
        <div class="sizer" ref={(sizer) => sizer?.style.setProperty('height', `${virtual.getTotalSize()}px`)}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const number = shown.numberOf(index);
            return (
              <div
                key={number}
                id={`L${number + 1}`}
                class={number + 1 === linked ? 'row linked' : 'row'}
                ref={(row) => row?.style.setProperty('transform', `translateY(${start}px)`)}
              >
                <a href={`#L${number + 1}`} class="line-number">
                  {number + 1}
                </a>
                <AnsiText text={lines[number] ?? ''} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** Which lines are shown; without a search no list of them is made. */
function matching(
  lines: readonly string[],
  search: string,
): { length: number; numberOf: (index: number) => number } {
  if (search === '') return { length: lines.length, numberOf: (index) => index };
  const wanted = search.toLowerCase();
  const found: number[] = [];
  lines.forEach((line, index) => {
    if (line.toLowerCase().includes(wanted)) found.push(index);
  });
  return { length: found.length, numberOf: (index) => found[index] ?? 0 };
}

/** Only the lines in view are in the document: TanStack Virtual without a framework's adapter. */
function useVirtual(
  box: { readonly current: HTMLDivElement | null },
  count: number,
): Virtualizer<HTMLDivElement, Element> {
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 30,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: redraw.bind(null, undefined),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, Element>(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
