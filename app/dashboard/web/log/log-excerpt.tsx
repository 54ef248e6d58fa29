import { useLayoutEffect, useRef } from 'preact/hooks';
import { numberText } from '../../../lib/format.ts';
import { githubMarker, isSilentMarker } from '../../../lib/log/log-groups.ts';
import { AnsiText } from './ansi-text.tsx';
import type { LogDocument, LogLine } from './log-document.ts';

const linesBefore = 2;
const linesAfter = 5;
const linesAtEnd = 6;
const longExcerpt = linesBefore + linesAfter + linesAtEnd;
/** A line that says how many are not shown needs as much room. */
const maxExtra = 3;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Chooses the lines that explain an end: those around the first error, and the last ones. */
function excerptRanges(count: number, firstError: number): readonly Range[] {
  const end = { from: Math.max(0, count - linesAtEnd), to: count };
  if (firstError < 0) return [{ from: Math.max(0, count - longExcerpt), to: count }];
  const error = {
    from: Math.max(0, firstError - linesBefore),
    to: Math.min(count, firstError + linesAfter + 1),
  };
  if (end.from - error.to > maxExtra) return [error, end];
  return [{ from: Math.max(0, Math.min(error.from, count - longExcerpt)), to: count }];
}

/**
 * The part of a log that explains why a run ended.
 *
 * @param numbered false if only the end of the log is known, so that its lines have no numbers yet.
 */
export function LogExcerpt({ document, numbered }: { document: LogDocument; numbered: boolean }) {
  const { lines, firstError } = document;
  const ranges = excerptRanges(lines.length, firstError);
  const box = useRef<HTMLElement>(null);
  // Long lines before the error may fill the box.
  useLayoutEffect(() => {
    const error = box.current?.querySelector<HTMLElement>('.first-error');
    if (box.current && error) {
      box.current.scrollTop = error.offsetTop - box.current.clientHeight / 3;
    }
  }, [firstError, lines.length]);
  return (
    <section
      ref={box}
      class={lines.length > longExcerpt ? 'excerpt long' : 'excerpt'}
      style={{ '--digits': String(lines.length).length }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      aria-label="Log excerpt"
    >
      {ranges.map(({ from, to }, index) => (
        <div key={index === 0 ? 'error' : 'end'}>
          {index > 0 && <p class="gap">{numberText(from - (ranges[0]?.to ?? 0))} lines not shown</p>}
          {lines.slice(from, to).map((line, offset) => (
            <ExcerptLine
              key={from + offset}
              line={line}
              number={numbered ? from + offset + 1 : undefined}
              isError={from + offset === firstError}
            />
          ))}
        </div>
      ))}
    </section>
  );
}

function ExcerptLine({
  line,
  number,
  isError,
}: {
  line: LogLine;
  number: number | undefined;
  isError: boolean;
}) {
  if (isSilentMarker(line.plain)) return null;
  const marker = githubMarker(line.plain);
  return (
    <div class={isError ? 'excerpt-line first-error' : 'excerpt-line'}>
      {number === undefined ? (
        <span class="line-number" />
      ) : (
        <a class="line-number" href={`#L${number}`} aria-label={`Show line ${number} in the log`}>
          {number}
        </a>
      )}
      {marker?.kind === 'open' ? <code>{marker.title}</code> : <AnsiText line={line} />}
    </div>
  );
}
