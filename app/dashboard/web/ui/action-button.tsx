import type { ComponentProps, Ref } from 'preact';

/**
 * A button that does nothing while it is blocked, and keeps the focus: the browser takes it from a `disabled` one, so a
 * person with a keyboard would start again at the top of the page.
 */
export function ActionButton({
  blocked,
  onClick,
  element,
  ...rest
}: Pick<ComponentProps<'button'>, 'class' | 'title' | 'children'> & {
  readonly blocked: boolean;
  readonly onClick: () => void;
  /** Receives the button. */
  readonly element?: Ref<HTMLButtonElement>;
}) {
  return (
    <button
      {...rest}
      ref={element ?? null}
      type="button"
      aria-disabled={blocked}
      onClick={() => blocked || onClick()}
    />
  );
}
