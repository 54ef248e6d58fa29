import { useEffect, useState } from 'preact/hooks';

/** A text filter. The draft stays in the field until Enter, because every poll renders the page again. */
export function TextFilter({
  label,
  value,
  apply,
}: {
  label: string;
  value: string;
  apply: (text: string) => void;
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
        onChange={(event) => apply(event.currentTarget.value.trim())}
      />
    </label>
  );
}
