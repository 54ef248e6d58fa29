/** The position in a list that has several pages, and the links to the others. */
export function Pager({
  label,
  text,
  links,
}: {
  label: string;
  text: string;
  links: readonly (readonly [text: string, href: string])[];
}) {
  return (
    <nav class="pager" aria-label={label}>
      <span class="quiet" role="status">
        {text}
      </span>
      {links.map(([name, href]) => (
        <a key={name} href={href}>
          {name}
        </a>
      ))}
    </nav>
  );
}
