import type { Picture, ReportData, ReportFailure } from '../report-data.ts';
import { element, section } from './dom.ts';
import { counted } from './format.ts';

/** So many are unfolded from the start. */
const unfolded = 10;

/** The failed tests, each with what it said and what it looked like. */
export function failedTests({ failures, totals, pictures }: ReportData): HTMLElement | null {
  const failed = totals?.failed ?? 0;
  if (failures.length === 0 && pictures.length === 0) return null;
  const more = failed - failures.length;
  return section(
    'failed',
    failed === 0 ? 'Screenshots' : counted(failed, 'failed test'),
    ...failures.map((failure, place) => failedTest(failure, place < unfolded)),
    more > 0
      ? element('p', { class: 'quiet' }, `${more.toLocaleString('en')} more are in the list of all tests.`)
      : null,
    pictures.length > 0 && failed > 0 ? element('h3', {}, 'Other screenshots') : null,
    pictures.length > 0 ? gallery(pictures) : null,
  );
}

function failedTest(failure: ReportFailure, isOpen: boolean): HTMLElement {
  const place =
    failure.file === undefined
      ? ''
      : `${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`;
  return element(
    'details',
    { class: 'failure', open: isOpen },
    element(
      'summary',
      {},
      element('span', { class: 'failure-name' }, failure.name),
      element('span', { class: 'failure-group' }, failure.group),
    ),
    place === '' ? null : element('p', { class: 'place' }, place),
    element('pre', { class: 'message', tabindex: 0 }, failure.message),
    failure.details === undefined || failure.details === failure.message
      ? null
      : element('pre', { class: 'trace', tabindex: 0, 'aria-label': 'Trace and output' }, failure.details),
    failure.pictures.length > 0 ? gallery(failure.pictures) : null,
  );
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
