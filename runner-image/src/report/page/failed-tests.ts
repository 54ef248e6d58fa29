import type { Picture, ReportData, ReportFailure } from '../report-data.ts';
import { element, link, section } from './dom.ts';
import { counted } from './format.ts';

/** So many are unfolded from the start. */
const unfolded = 10;

/** Where the failed test at a place in the list is shown. */
export function failureId(place: number): string {
  return `failure-${place + 1}`;
}

/** The failed tests, each with what it said and what it looked like. */
export function failedTests({ failures, totals, pictures, run }: ReportData): HTMLElement | null {
  const failed = totals?.failed ?? 0;
  if (failures.length === 0 && pictures.length === 0) return null;
  const more = failed - failures.length;
  const shown = failures.map((failure, place) => failedTest(failure, place, run.links.commit));
  return section(
    'failed',
    failed === 0 ? 'Screenshots' : counted(failed, 'failed test'),
    shown.length > 1 ? foldAll(shown) : null,
    ...shown,
    more > 0
      ? element('p', { class: 'quiet' }, `${more.toLocaleString('en')} more are in the list of all tests.`)
      : null,
    pictures.length > 0 && failed > 0 ? element('h3', {}, 'Other screenshots') : null,
    pictures.length > 0 ? gallery(pictures) : null,
  );
}

/** One button for all of them: to see their names at once, or to search in what they said. */
function foldAll(shown: readonly HTMLDetailsElement[]): HTMLElement {
  const button = element('button', { type: 'button', class: 'fold' });
  const isAnyFolded = () => shown.some(({ open }) => !open);
  const name = () => {
    button.textContent = isAnyFolded() ? 'Unfold all' : 'Fold all';
  };
  button.addEventListener('click', () => {
    const open = isAnyFolded();
    for (const each of shown) each.open = open;
    name();
  });
  for (const each of shown) each.addEventListener('toggle', name);
  name();
  return button;
}

function failedTest(failure: ReportFailure, at: number, commitUrl: string | undefined): HTMLDetailsElement {
  const { file, line } = failure;
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`;
  return element(
    'details',
    { class: 'failure', id: failureId(at), open: at < unfolded },
    element(
      'summary',
      {},
      element('span', { class: 'failure-name' }, failure.name),
      element('span', { class: 'failure-group' }, failure.group),
    ),
    place === '' ? null : element('p', { class: 'place' }, link(sourceUrl(commitUrl, failure), place)),
    element('pre', { class: 'message', tabindex: 0 }, failure.message),
    failure.details === undefined || failure.details === failure.message
      ? null
      : element('pre', { class: 'trace', tabindex: 0, 'aria-label': 'Trace and output' }, failure.details),
    failure.pictures.length > 0 ? gallery(failure.pictures) : null,
  );
}

/** Where GitHub shows a line of a commit; absent where the commit is not one of GitHub's. */
function sourceUrl(commitUrl: string | undefined, { file, line }: ReportFailure): string | undefined {
  const [, repository, sha] = /^(https?:\/\/.+)\/commit\/([0-9a-f]{40,64})$/.exec(commitUrl ?? '') ?? [];
  if (repository === undefined || file === undefined) return undefined;
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${repository}/blob/${sha}/${path}${line === undefined ? '' : `#L${line}`}`;
}

function gallery(pictures: readonly Picture[]): HTMLElement {
  return element(
    'div',
    { class: 'gallery' },
    ...pictures.map(({ path, source }) => {
      const image = element('img', { src: source, alt: `Screenshot ${path}`, loading: 'lazy' });
      const button = element(
        'button',
        { type: 'button', class: 'picture', 'aria-label': `Enlarge ${path}` },
        image,
      );
      const figure = element('figure', {}, button, element('figcaption', {}, path));
      button.addEventListener('click', () => figure.classList.toggle('large'));
      return figure;
    }),
  );
}
