import { useEffect, useMemo, useState } from 'preact/hooks';
import { followEvents } from '../lib/follow-events.ts';
import { createLogDocument, type LogDocument } from './log-document.ts';

type Line = Parameters<LogDocument['push']>[0];

export interface Log {
  readonly document: LogDocument;
  /** Changes when lines arrive. */
  readonly version: number;
  readonly complete: boolean;
}

/** One render for many events: a long log arrives faster than it can be drawn. */
const renderIntervalMs = 100;
/** A click or a key waits no longer than this for the lines of a long log. */
const sliceMs = 16;

/**
 * Follows the log of a run by server-sent events. It reconnects by itself and resumes where it was.
 *
 * @param onStateChange called when the run changes its state, so that it does not have to be polled for that.
 * @param service reads the log of this service instead.
 */
export function useLog(id: string, onStateChange: () => void, service?: string): Log {
  const document = useMemo(createLogDocument, [id, service]);
  const [state, setState] = useState({ version: 0, complete: false });
  useEffect(() => {
    setState(({ version }) => ({ version: version + 1, complete: false }));
    const waiting: Line[] = [];
    let next = 0;
    let isEnded = false;
    let renderedAt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const work = (): void => {
      const start = performance.now();
      // A hidden tab may work only once a second, and has no one to keep waiting.
      const end = globalThis.document.hidden ? Number.POSITIVE_INFINITY : start + sliceMs;
      for (; performance.now() < end; next += 1) {
        const line = waiting[next];
        if (line === undefined) break;
        document.push(line);
      }
      const isDone = next === waiting.length;
      const complete = isDone && isEnded;
      const isDue = complete || start - renderedAt >= renderIntervalMs;
      if (isDone) next = waiting.length = 0;
      timer = isDone && isDue ? undefined : setTimeout(work, isDone ? renderIntervalMs : 0);
      if (!isDue) return;
      renderedAt = start;
      setState(({ version }) => ({ version: version + 1, complete }));
    };
    let known = '';
    const query = { lines: 'text', ...(service === undefined ? {} : { service }) };
    const events = followEvents(
      (cursor) =>
        `/workflow/${encodeURIComponent(id)}/logs?${new URLSearchParams(cursor === undefined ? query : { ...query, cursor })}`,
      {
        log({ data }) {
          for (const line of linesOf(data)) waiting.push(line);
          timer ??= setTimeout(work);
        },
        state({ data }) {
          // The first event repeats what the page has just read.
          if (known !== '' && known !== data) onStateChange();
          known = data;
        },
        end() {
          events.close();
          isEnded = true;
          timer ??= setTimeout(work);
        },
      },
    );
    return () => {
      events.close();
      clearTimeout(timer);
    };
  }, [id, service, document, onStateChange]);
  return useMemo(() => ({ document, ...state }), [document, state]);
}

/** The lines of the server's event `log`. */
function linesOf(data: string): readonly Line[] {
  const page = JSON.parse(data) as { text: string; times?: readonly (readonly [number, string])[] };
  const times = new Map(page.times);
  let at: string | undefined;
  // Every line ends with a line feed.
  return page.text
    .split('\n')
    .slice(0, -1)
    .map((text, index) => {
      at = times.get(index) ?? at;
      return at === undefined ? { text } : { text, at };
    });
}
