import { type MutableRef, useLayoutEffect, useRef, useState } from 'preact/hooks';

/**
 * A question that a button opens. Its safe control has the focus then, so that a second Enter does no harm; Esc closes
 * it, and the button that opened it has the focus again.
 */
export function useDisclosure(): {
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
  /** The button that opens it. */
  readonly opener: MutableRef<HTMLButtonElement | null>;
  /** The control that has the focus first. */
  readonly first: MutableRef<(HTMLButtonElement & HTMLInputElement) | null>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
} {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement | null>(null);
  const first = useRef<(HTMLButtonElement & HTMLInputElement) | null>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (isOpen !== wasOpen.current) (isOpen ? first : opener).current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') setOpen(false);
  };
  return { isOpen, setOpen, opener, first, onKeyDown };
}
