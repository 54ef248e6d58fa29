import { useEffect, useState } from 'preact/hooks';
import { onTitle } from '../lib/use-title.ts';

/**
 * Announces the title of the page when it changes: another page is open, or the state of the run is another one. A
 * browser announces only the title that a document is loaded with.
 */
export function PageAnnouncer() {
  const [title, setTitle] = useState('');
  useEffect(() => onTitle(setTitle), []);
  return (
    <p class="hidden" role="status">
      {title}
    </p>
  );
}
