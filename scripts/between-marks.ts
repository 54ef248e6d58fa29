/**
 * Replaces the part of a page between two marks.
 *
 * @throws Error if the page has no marks.
 */
export function betweenMarks(page: string, [begin, end]: readonly [string, string], content: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`The page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
