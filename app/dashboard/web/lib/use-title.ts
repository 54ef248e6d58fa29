import { useEffect } from 'preact/hooks';

const listeners = new Set<(title: string) => void>();

/** Sets the title of the tab, and announces it to screen readers. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Berth' : `${title} · Berth`;
    if (title !== undefined) for (const listener of listeners) listener(title);
    return () => {
      document.title = 'Berth';
    };
  }, [title]);
}

/** Calls `listener` with each new title of the tab. @returns stops that. */
export function onTitle(listener: (title: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
