import { useEffect, useState } from 'preact/hooks';

/**
 * A filter that is typed. What is being typed is the field's own until it is entered: pages are drawn anew with every
 * look at the server, and would take it away.
 */
export function TextFilter({
  label,
  value,
  enter,
}: {
  label: string;
  value: string;
  enter: (text: string) => void;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <label>
      {label}
      <input
        type="search"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onChange={(event) => enter(event.currentTarget.value.trim())}
      />
    </label>
  );
}
