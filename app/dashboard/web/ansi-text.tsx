import Anser from 'anser';

/** A line with its colours: text nodes in spans, so that nothing a test prints can become markup. */
export function AnsiText({ text }: { text: string }) {
  if (!text.includes('\u001b')) return <code>{text}</code>;
  const parts = Anser.ansiToJson(text, { use_classes: true, remove_empty: true, json: true });
  return (
    <code>
      {parts.map((part, index) => (
        // The parts of a line never change places
        <span
          key={index}
          class={[part.fg, part.bg && `${part.bg}-bg`, part.decoration].filter(Boolean).join(' ')}
        >
          {part.content}
        </span>
      ))}
    </code>
  );
}
