/**
 * A menu with its label.
 *
 * @param options each value with its text.
 */
export function Select({
  label,
  value,
  options,
  change,
}: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  change: (value: string) => void;
}) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The menu of a project's suites; `''` is all of them. */
export function SuiteSelect({
  suite,
  suites,
  change,
}: {
  suite: string;
  suites: readonly string[];
  change: (suite: string) => void;
}) {
  const options = suites.map((name) => [name, name] as const);
  return <Select label="Suite" value={suite} options={[['', 'All'], ...options]} change={change} />;
}
