import { useEffect, useMemo, useState } from 'preact/hooks';
import { createLogDocument, type LogDocument } from './log-document.ts';

export interface Log {
  readonly document: LogDocument;
  /** Changes when lines arrive. */
  readonly version: number;
  readonly complete: boolean;
}

/**
 * Follows the log of a run by server-sent events. The browser reconnects by itself and resumes where it was.
 *
 * @param onStateChange called when the run changes its state, so that it does not have to be polled for that.
 * @param service reads the log of this service instead.
 */
export function useLog(id: string, onStateChange: () => void, service?: string): Log {
  const document = useMemo(createLogDocument, [id, service]);
  const [state, setState] = useState({ version: 0, complete: false });
  useEffect(() => {
    setState(({ version }) => ({ version: version + 1, complete: false }));
    const query = new URLSearchParams({ lines: 'text', ...(service === undefined ? {} : { service }) });
    const source = new EventSource(`/workflow/${encodeURIComponent(id)}/logs?${query}`);
    let frame = 0;
    let known = '';
    const render = (complete: boolean): void => {
      cancelAnimationFrame(frame);
      // One render for all events since the last frame.
      frame = requestAnimationFrame(() => setState(({ version }) => ({ version: version + 1, complete })));
    };
    source.addEventListener('log', (event) => {
      for (const line of linesOf(event.data)) document.push(line);
      render(false);
    });
    source.addEventListener('state', ({ data }) => {
      // The first event repeats what the page has just read.
      if (known !== '' && known !== data) onStateChange();
      known = data;
    });
    source.addEventListener('end', () => {
      source.close();
      render(true);
    });
    return () => {
      source.close();
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
