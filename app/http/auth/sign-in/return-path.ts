/** Long enough for any address of the dashboard; the rest of the 4,096 bytes of a cookie is used. */
const longest = 1000;

/**
 * Returns the page after sign-in: a path of this server, or `/`. Rejects everything that a browser may read as another
 * server: `//host`, `/\host`, and both after characters that browsers leave out.
 */
export function returnPath(asked: string | undefined): string {
  if (asked === undefined || asked.length > longest || !/^\/(?![/\\])[\x21-\x7e]*$/.test(asked)) return '/';
  const here = 'http://berth.invalid';
  const target = new URL(URL.canParse(asked, here) ? asked : '/', here);
  if (target.origin !== here || target.pathname.startsWith('//')) return '/';
  // Never redirect into another sign-in.
  if (target.pathname.startsWith('/session')) return '/';
  return `${target.pathname}${target.search}${target.hash}`;
}
