/** The value of an output. Commands write any text: only a web address becomes a link. */
export function OutputValue({ value }: { value: string }) {
  if (!/^https?:\/\/\S+$/i.test(value)) return <code>{value}</code>;
  return (
    <a href={value} target="_blank" rel="noreferrer">
      {value}
    </a>
  );
}
