import { counted, numberText } from '../../../../app/lib/format.ts';
import type { Picture, ReportData, ReportFailure } from '../report-data.ts';
import { element, link, section } from './dom.ts';

/** Number of failures that are expanded at first. */
const unfolded = 10;

/** The ID of the element that shows the failed test at an index. */
export function failureId(place: number): string {
  return `failure-${place + 1}`;
}

/** Shows the failed tests, each with its message, trace, and screenshots. */
export function failedTests({ failures, totals, pictures, run }: ReportData): HTMLElement | null {
  const failed = totals?.failed ?? 0;
  if (failures.length === 0 && pictures.length === 0) return null;
  const more = failed - failures.length;
  const shown = failures.map((failure, place) => failedTest(failure, place, run.links.commit));
  return section(
    'failed',
    titleOf(failures, failed),
    shown.length > 1 ? foldAll(shown) : null,
    ...shown,
    more > 0 ? element('p', { class: 'quiet' }, `The list of all tests has ${numberText(more)} more.`) : null,
    pictures.length > 0 && failures.length > 0 ? element('h3', {}, 'Other screenshots') : null,
    pictures.length > 0 ? gallery(pictures) : null,
  );
}

function titleOf(failures: readonly ReportFailure[], failed: number): string {
  if (failed > 0) return counted(failed, 'failed test');
  // Without a failed test, they are errors of a compiler.
  return failures.length > 0 ? counted(failures.length, 'build error') : 'Screenshots';
}

/** Creates the button that expands or collapses all of them. */
function foldAll(shown: readonly HTMLDetailsElement[]): HTMLElement {
  const button = element('button', { type: 'button', class: 'fold' });
  const isAnyFolded = () => shown.some(({ open }) => !open);
  const name = () => {
    button.textContent = isAnyFolded() ? 'Expand all' : 'Collapse all';
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

/** Returns the address of a line on GitHub; undefined if the commit is not on GitHub. */
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
