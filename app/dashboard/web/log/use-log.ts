import { useEffect, useMemo, useState } from 'preact/hooks';
import { followEvents } from '../lib/follow-events.ts';
import { createLogDocument, type LogDocument } from './log-document.ts';

export interface Log {
  readonly document: LogDocument;
  /** Changes when lines arrive. */
  readonly version: number;
  readonly complete: boolean;
}

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
    let frame = 0;
    let known = '';
    const render = (complete: boolean): void => {
      cancelAnimationFrame(frame);
      // One render for all events since the last frame.
      frame = requestAnimationFrame(() => setState(({ version }) => ({ version: version + 1, complete })));
    };
    const query = { lines: 'text', ...(service === undefined ? {} : { service }) };
    const events = followEvents(
      (cursor) =>
        `/workflow/${encodeURIComponent(id)}/logs?${new URLSearchParams(cursor === undefined ? query : { ...query, cursor })}`,
      {
        log({ data }) {
          for (const line of linesOf(data)) document.push(line);
          render(false);
        },
        state({ data }) {
          // The first event repeats what the page has just read.
          if (known !== '' && known !== data) onStateChange();
          known = data;
        },
        end() {
          events.close();
          render(true);
        },
      },
    );
    return () => {
      events.close();
      cancelAnimationFrame(frame);
    };
  }, [id, service, document, onStateChange]);
  return { document, ...state };
}

/** The lines of the server's event `log`. */
function linesOf(data: string): readonly { readonly text: string; readonly at?: string }[] {
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
