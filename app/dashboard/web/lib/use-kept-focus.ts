import { type MutableRef, useLayoutEffect, useRef } from 'preact/hooks';

/** Gives the focus to the first button of a box if the control in it that had the focus is gone: another one took its place. */
export function useKeptFocus<Box extends HTMLElement>(): MutableRef<Box | null> {
  const box = useRef<Box>(null);
  // Before the document changes.
  const hadFocus = box.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    if (hadFocus && document.activeElement === document.body) box.current?.querySelector('button')?.focus();
  });
  return box;
}
