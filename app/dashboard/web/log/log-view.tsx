import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LineRange } from '../../../lib/log/line-range.ts';
import type { LogGroup } from '../../../lib/log/log-groups.ts';
import { counted } from '../lib/format.ts';
import { LogRow } from './log-row.tsx';
import { type LogOptions, LogToolbar } from './log-toolbar.tsx';
import { useFolding } from './use-folding.ts';
import { useLineRange } from './use-line-range.ts';
import type { Log } from './use-log.ts';
import { useLogSearch } from './use-log-search.ts';
import { useVirtual } from './use-virtual.ts';

/** The height of a line in tokens.css. */
const lineHeight = 24;
const phone = matchMedia('(max-width: 720px)');
/** Room for a horizontal scroll bar, and for the words about an empty log. */
const boxPadding = 48;
/** Keys that scroll away from the end of the log. */
const upwardKeys = ['ArrowUp', 'PageUp', 'Home'];

interface Props {
  readonly id: string;
  readonly log: Log;
  /** True for a finished run that did not succeed: its log opens at the first error. */
  readonly opensAtError: boolean;
  /** False for a run that succeeded: what looks like an error was not one. */
  readonly marksErrors: boolean;
  /** False for a finished run. */
  readonly active: boolean;
  /** Says why there is no line, if the whole log is empty. */
  readonly nothing: string;
}

/** The log: live, with colors, folded by groups, searched, and linked by line. 200,000 lines cost no more than ten. */
export function LogView({ id, log, opensAtError, marksErrors, active, nothing }: Props) {
  const { document, version, complete } = log;
  const { lines, groups } = document;
  const { range, jumps, select } = useLineRange();
  const [options, setOptions] = useState<LogOptions>({
    follow: range === undefined,
    // A phone shows too little of a line otherwise.
    wrap: phone.matches,
    times: false,
  });
  const set = useCallback((change: Partial<LogOptions>) => setOptions((now) => ({ ...now, ...change })), []);
  const section = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { visible, isFolded, toggle, reveal, setAll } = useFolding(log);
  const [target, setTarget] = useState<number>();
  const show = useCallback(
    (line: number): void => {
      reveal(line);
      set({ follow: false });
      setTarget(line);
    },
    [reveal, set],
  );
  const search = useLogSearch(log, show);
  const virtual = useVirtual({
    box,
    count: visible.length,
    rowHeight: lineHeight,
    measures: options.wrap,
  });
  const groupAt = useMemo(
    () => new Map(groups.map((group) => [group.start, group])),
    // The document grows in place; its version says when.
    [groups, version],
  );

  useLayoutEffect(() => {
    if (options.follow && visible.length > 0) virtual.scrollToIndex(visible.length - 1, { align: 'end' });
  }, [options.follow, visible.length, virtual]);
  // Scrolls after the groups around the line were opened.
  useLayoutEffect(() => {
    if (target === undefined) return;
    virtual.scrollToIndex(visible.rowOf(target), { align: 'center' });
    setTarget(undefined);
  }, [target, visible, virtual]);
  useOpening({ log, isWanted: opensAtError && range === undefined, show });
  useJump({ range, jumps, lineCount: lines.length, section, show });

  const { copy, copied } = useCopy(log, range);
  const leave = (): void => set({ follow: false });
  const chosen = search.matches[search.current];
  return (
    <section ref={section} aria-labelledby="log" class={complete ? 'log' : 'log live'}>
      <h2 id="log">Log</h2>
      {!(complete && lines.length === 0) && (
        <LogToolbar
          id={id}
          lineCount={lines.length}
          complete={complete}
          active={active}
          hasTimes={document.hasTimes}
          hasGroups={groups.length > 0}
          options={options}
          set={set}
          setAll={setAll}
          search={search}
          copy={copy}
          copied={copied}
        />
      )}
      <div
        ref={box}
        // A short log needs no more room; nothing below it can move.
        style={{
          '--digits': String(lines.length).length,
          ...(complete ? { height: `min(70vh, ${virtual.getTotalSize() + boxPadding}px)` } : {}),
        }}
        class={options.wrap ? 'lines wrap' : 'lines'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        // Otherwise a screen reader reads out every line that a busy run prints.
        aria-live="off"
        onWheel={(event) => event.deltaY < 0 && leave()}
        onTouchMove={leave}
        onKeyDown={(event) => upwardKeys.includes(event.key) && leave()}
      >
        {lines.length === 0 && (
          <p class="nothing quiet">{complete ? nothing : 'Waiting for the first line…'}</p>
        )}
        <div class="sizer" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const number = visible.lineAt(index);
            const line = lines[number];
            if (line === undefined) return null;
            const group = groupAt.get(number);
            return (
              <div
                key={number}
                data-index={index}
                class={rowClass({
                  number,
                  range,
                  chosen,
                  firstError: marksErrors ? document.firstError : -1,
                })}
                ref={options.wrap ? virtual.measureElement : null}
                style={{ transform: `translateY(${start}px)` }}
              >
                <LogRow
                  line={line}
                  number={number + 1}
                  group={group}
                  isFolded={group !== undefined && isFolded(group)}
                  showsTime={options.times}
                  mark={search.text}
                  toggle={(toggled: LogGroup) => {
                    leave();
                    toggle(toggled);
                  }}
                  select={select}
                />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** Scrolls to the first error once, when the whole log is there. */
function useOpening({
  log: { document, complete },
  isWanted,
  show,
}: {
  log: Log;
  isWanted: boolean;
  show: (line: number) => void;
}): void {
  const wanted = useRef(isWanted);
  useLayoutEffect(() => {
    if (!complete || !wanted.current) return;
    wanted.current = false;
    if (document.firstError >= 0) show(document.firstError);
  }, [complete, document, show]);
}

/** Scrolls to the lines that the address names, as soon as they are there. */
function useJump({
  range,
  jumps,
  lineCount,
  section,
  show,
}: {
  range: LineRange | undefined;
  jumps: number;
  lineCount: number;
  section: { readonly current: HTMLElement | null };
  show: (line: number) => void;
}): void {
  const done = useRef(0);
  const isThere = range !== undefined && lineCount >= range.first;
  useLayoutEffect(() => {
    if (range === undefined || !isThere || done.current === jumps) return;
    done.current = jumps;
    section.current?.scrollIntoView({ block: 'start' });
    show(range.first - 1);
  }, [range, jumps, isThere, section, show]);
}

/** Copies the selected lines, or the whole log, as a person reads them. */
function useCopy({ document }: Log, range: LineRange | undefined): { copy: () => void; copied: string } {
  const [copied, setCopied] = useState('');
  useEffect(() => {
    if (copied === '') return undefined;
    const timer = setTimeout(() => setCopied(''), 3000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    const { lines } = document;
    const chosen = range === undefined ? lines : lines.slice(range.first - 1, range.last);
    navigator.clipboard.writeText(chosen.map(({ plain }) => `${plain}\n`).join('')).then(
      () => setCopied(`Copied ${counted(chosen.length, 'line')}`),
      () => setCopied('The browser does not allow copying. Use Raw.'),
    );
  };
  return { copy, copied };
}

function rowClass({
  number,
  range,
  chosen,
  firstError,
}: {
  number: number;
  range: LineRange | undefined;
  chosen: number | undefined;
  firstError: number;
}): string {
  const isLinked = range !== undefined && number + 1 >= range.first && number + 1 <= range.last;
  return ['row', isLinked && 'linked', number === chosen && 'chosen', number === firstError && 'first-error']
    .filter((name) => name !== false)
    .join(' ');
}
