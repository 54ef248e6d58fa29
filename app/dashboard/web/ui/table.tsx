/**
 * A table. Columns of numbers come last.
 *
 * @param kind its class.
 * @param children the rows.
 */
export function Table({
  kind,
  texts,
  numbers,
  children,
}: {
  kind: string;
  texts: readonly string[];
  numbers: readonly string[];
  children: preact.ComponentChildren;
}) {
  return (
    <table class={`table ${kind}`}>
      <thead>
        <tr>
          {texts.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
          {numbers.map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
