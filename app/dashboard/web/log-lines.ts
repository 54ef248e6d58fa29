import { useEffect, useRef, useState } from 'preact/hooks';

/** The lines of a log as they came, in one array that grows: 200,000 of them are no work to keep. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Changes when lines came. */
  readonly version: number;
  readonly complete: boolean;
}

/**
 * Follows a run's log by server-sent events; the browser connects again by itself, from where it was.
 *
 * @param onState is told when the run has moved, so that nobody has to ask again and again.
 */
export function useLog(id: string, onState: () => void): LogLines {
  const lines = useRef<string[]>([]);
  const [state, setState] = useState({ version: 0, complete: false });
  useEffect(() => {
    const source = new EventSource(`/workflow/${encodeURIComponent(id)}/logs`);
    let frame = 0;
    let known = '';
    const show = (complete: boolean): void => {
      cancelAnimationFrame(frame);
      // One picture for however many events came since the last.
      frame = requestAnimationFrame(() => setState(({ version }) => ({ version: version + 1, complete })));
    };
    source.addEventListener('log', (event) => {
      // The server's own event: `{lines: [{text}]}`.
      const { lines: more } = JSON.parse(event.data) as { lines: { text: string }[] };
      for (const { text } of more) lines.current.push(text);
      show(false);
    });
    source.addEventListener('state', ({ data }) => {
      // The first tells what the page has just read.
      if (known !== '' && known !== data) onState();
      known = data;
    });
    source.addEventListener('end', () => {
      source.close();
      show(true);
    });
    return () => {
      source.close();
      cancelAnimationFrame(frame);
    };
  }, [id, onState]);
  return { lines: lines.current, ...state };
}
