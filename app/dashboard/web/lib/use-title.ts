import { useEffect } from 'preact/hooks';

/** Sets the title of the tab. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Berth' : `${title} · Berth`;
    return () => {
      document.title = 'Berth';
    };
  }, [title]);
}
