/** Quotes a text as one word of a POSIX shell. The text may be anything: nothing in it is expanded. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
