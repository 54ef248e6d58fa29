/** Returns where a person goes after signing in. A link to this page must not lead to another server. */
export function returnToOf(search: string): string | undefined {
  const path = new URLSearchParams(search).get('return_to');
  const isHere =
    path !== null && /^\/(?![/\\])/.test(path) && new URL(path, location.origin).origin === location.origin;
  return isHere ? path : undefined;
}
