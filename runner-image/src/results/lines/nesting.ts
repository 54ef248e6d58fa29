/** Indented headings are the suites around a test. */
export function createNesting() {
  let headings: { readonly indent: number; readonly name: string }[] = [];
  return {
    heading(indent: number, name: string): void {
      headings = [...headings.filter((each) => each.indent < indent), { indent, name }];
    },
    groupAt: (indent: number) =>
      headings
        .filter((each) => each.indent < indent)
        .map(({ name }) => name)
        .join(' > '),
  };
}

/** Returns a time in seconds; 0 if a tool printed none. */
export function secondsFrom(value: string | undefined, unit: string | undefined): number {
  return value === undefined ? 0 : unit === 's' ? Number(value) : Number(value) / 1000;
}
