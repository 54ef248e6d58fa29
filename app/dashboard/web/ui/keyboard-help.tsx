import { useLayoutEffect, useRef, useState } from 'preact/hooks';

const keys: readonly (readonly [key: string, effect: string])[] = [
  ['Tab', 'Go to the next control. The first one on a page skips to the content.'],
  ['Enter', 'Apply a filter. In the search of a log: go to the next match.'],
  ['Shift + Enter', 'In the search of a log: go to the previous match.'],
  ['↑ ↓ Page Up Page Down', 'Scroll a log that has the focus.'],
  ['Home End', 'Go to the first or the last line of a log that has the focus.'],
  ['Shift + click', 'Extend the selected lines of a log to a line number.'],
  ['Esc', 'Close this help.'],
];

const storageKey = 'berth-no-help-key';

/**
 * Lists the keys. A button opens it, and so does `?`, which people who dictate can turn off: WCAG 2.2, 2.1.4.
 */
export function KeyboardHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isKeyOn, setKeyOn] = useState(() => localStorage.getItem(storageKey) === null);
  // Not after the next paint: a `?` that is typed right after it was turned off must not open the help.
  useLayoutEffect(() => {
    if (!isKeyOn) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
      if (event.key === '?' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping) {
        event.preventDefault();
        dialog.current?.showModal();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isKeyOn]);
  const change = (on: boolean): void => {
    if (on) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, '');
    setKeyOn(on);
  };
  return (
    <>
      <button
        type="button"
        class="plain keyboard"
        aria-haspopup="dialog"
        onClick={() => dialog.current?.showModal()}
      >
        Shortcuts
      </button>
      <dialog ref={dialog} aria-labelledby="keyboard-help">
        <h2 id="keyboard-help">Keyboard shortcuts</h2>
        <dl class="keys">
          {keys.map(([key, effect]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{effect}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input
            type="checkbox"
            checked={isKeyOn}
            onChange={(event) => change(event.currentTarget.checked)}
          />{' '}
          <kbd>?</kbd> opens this help
        </label>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}
