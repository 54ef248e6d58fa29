import { useLocation } from 'preact-iso';

const pages = [
  ['/', 'Berths and runs'],
  ['/tests', 'Tests'],
] as const;

/** The way between the pages; the project that is looked at goes along. */
export function Pages() {
  const { path, query } = useLocation();
  const search = query.project === undefined ? '' : `?${new URLSearchParams({ project: query.project })}`;
  return (
    <>
      {pages.map(([href, words]) => (
        <a key={href} href={href + search} aria-current={path === href ? 'page' : undefined}>
          {words}
        </a>
      ))}
    </>
  );
}
