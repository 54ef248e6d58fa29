import { useEffect } from 'preact/hooks';

/** Names the tab, so that ten of them can be told apart. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Berth' : `${title} · Berth`;
    return () => {
      document.title = 'Berth';
    };
  }, [title]);
}
