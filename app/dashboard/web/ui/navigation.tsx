import { useLocation } from 'preact-iso';

const pages = [
  ['/', 'Runs'],
  ['/stacks', 'Stacks'],
  ['/tests', 'Tests'],
  ['/trends', 'Trends'],
] as const;

/** Links to the main pages; they keep the selected project. */
export function Navigation() {
  const { path, query } = useLocation();
  const search = query.project === undefined ? '' : `?${new URLSearchParams({ project: query.project })}`;
  return (
    <nav class="pages" aria-label="Pages">
      {pages.map(([href, label]) => (
        <a key={href} href={href + search} aria-current={current(path, href)}>
          {label}
        </a>
      ))}
    </nav>
  );
}

/** Runs are at `/`, and a single run is at `/runs/ID`. */
function current(path: string, href: string): 'page' | 'true' | undefined {
  if (path === href) return 'page';
  return path.startsWith(href === '/' ? '/runs/' : `${href}/`) ? 'true' : undefined;
}
