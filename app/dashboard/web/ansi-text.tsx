import Anser from 'anser';

/**
 * A line with its colours: text nodes in spans, so that nothing a test prints can become markup.
 *
 * @param mark what was searched for.
 */
export function AnsiText({ text, mark = '' }: { text: string; mark?: string }) {
  if (!text.includes('\u001b')) return <code>{marked(text, mark)}</code>;
  const parts = Anser.ansiToJson(text, { use_classes: true, remove_empty: true, json: true });
  return (
    <code>
      {parts.map((part, index) => (
        // The parts of a line never change places
        <span
          key={index}
          class={[part.fg, part.bg && `${part.bg}-bg`, part.decoration].filter(Boolean).join(' ')}
        >
          {marked(part.content, mark)}
        </span>
      ))}
    </code>
  );
}

function marked(text: string, mark: string): preact.ComponentChildren {
  const at = mark === '' ? -1 : text.toLowerCase().indexOf(mark.toLowerCase());
  if (at < 0) return text;
  const end = at + mark.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {marked(text.slice(end), mark)}
    </>
  );
}
