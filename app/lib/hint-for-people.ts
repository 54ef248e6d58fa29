/** Hints for programs name routes, which mean nothing to a person on a page. */
const route = /\b(?:GET|POST|PUT|PATCH|DELETE) \//;

/** Returns a hint of the API if it helps a person on a page. */
export function hintForPeople(hint: string | undefined): string | undefined {
  return hint === undefined || route.test(hint) ? undefined : hint;
}
